"""What both dialects demand of the order of a conversation."""

from collections.abc import Iterable, Sequence

from modelhall.domain.errors import BadRequest
from modelhall.domain.messages import Part, Text, ToolCall, ToolResult, Turn

_CONTINUES = (
    "ends with a message of the assistant; the model that was found cannot continue an answer that was begun: "
    "end with a message of the user"
)


def merged(turns: Iterable[Turn]) -> list[Turn]:
    """The turns with two of one role in a row as one, and a tool's results before what else a user's turn says."""
    together: list[Turn] = []
    for turn in turns:
        if together and together[-1].role == turn.role:
            turn = Turn(turn.role, together.pop().parts + turn.parts)
        together.append(turn)
    return [_results_first(turn) for turn in together if turn.parts]


def check_order(turns: Sequence[Turn], *, prefill: bool) -> None:
    """Raises BadRequest for an answer to be continued, for results without calls and for calls without results."""
    open_calls: list[str] = []
    for turn in turns:
        if turn.role == "system":
            continue
        calls = [part.id for part in turn.parts if isinstance(part, ToolCall)]
        results = [part.id for part in turn.parts if isinstance(part, ToolResult)]
        for found in results:
            if found not in open_calls:
                raise _fault(f"hold the result of a tool call {found[:80]!r} that the turn before did not make")
        if missing := [call for call in open_calls if call not in results]:
            raise _fault(f"lack the result of the tool call {missing[0][:80]!r}")
        open_calls = calls
    if turns and turns[-1].role == "assistant" and (open_calls or not prefill):
        raise _fault(_CONTINUES)


def words_of(parts: Iterable[Part], between: str) -> str:
    """The text of the parts."""
    return between.join(part.text for part in parts if isinstance(part, Text))


def _results_first(turn: Turn) -> Turn:
    results = tuple(part for part in turn.parts if isinstance(part, ToolResult))
    if not results or turn.parts[: len(results)] == results:
        return turn
    return Turn(turn.role, results + tuple(part for part in turn.parts if not isinstance(part, ToolResult)))


def _fault(why: str) -> BadRequest:
    return BadRequest(f"`messages` {why}.", details={"param": "messages"})

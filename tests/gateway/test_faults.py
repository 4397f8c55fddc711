"""A provider that breaks never makes an answer that looks whole, and never one that is half another's."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from modelhall.storage.aliases import insert_alias
from tests.gateway.faulty import PIECES, Faulty, Script, Wire, answered_well, cut, words
from tests.gateway.hall import Answer, Hall
from tests.gateway.listening import CHAT, MESSAGES, WAYS, ask, heard, text_of
from tests.storage.ledger_seeds import rows

CUTS = ("FIN", "RST", "length", "terminator")
FEW = (0, 1, 2, 3, 4, 5, 17, 30, 44, 56, 57, 58, 59, 60)
MARK = "apple"
LANES = 12


@dataclass(frozen=True, slots=True)
class Outcome:
    after: int
    how: str
    half: bool
    answer: Answer
    status: str
    """The status of its attempt in the ledger."""


async def outcomes(
    hall: Hall, provider: Faulty, way: str, cuts: list[tuple[int, str, bool]], *, stream: bool
) -> list[Outcome]:
    """One call for each of these cuts, some at once, and what the ledger says of them."""
    path, profile = WAYS[way]
    key, lanes = await hall.key(budget="1000"), asyncio.Semaphore(LANES)

    async def one(after: int, how: str, half: bool) -> Answer:
        name = f"{after}-{how}-{half}"
        provider.scripts[name] = cut(after, how, MARK, half)
        async with lanes:
            return await hall.call(path, ask(f"{profile}/small", name, stream=stream), key)

    answers = await asyncio.gather(*(one(*each) for each in cuts))
    await hall.settled()
    written = {row["call_id"]: row for row in await rows(hall.database)}
    assert len(written) == len(cuts) == len(provider.wires)
    return [
        Outcome(*each, answer, written[answer.headers["x-modelhall-call"]]["status"])
        for each, answer in zip(cuts, answers, strict=True)
    ]


def every_cut(how_many: Callable[[int, int], int]) -> list[tuple[int, str, bool]]:
    """After each of the 60 pieces, cleanly between two or in the middle of one."""
    afters = FEW if how_many(0, 1) == 0 else range(PIECES + 1)
    return [(after, how, half) for after in afters for how in CUTS for half in (False, True)[: 1 + (after < PIECES)]]


@pytest.mark.full
@pytest.mark.parametrize("way", WAYS)
async def test_a_cut_stream_never_looks_whole(
    small_hall: Hall, provider: Faulty, way: str, how_many: Callable[[int, int], int]
) -> None:
    claude, whole = WAYS[way][1] == "claude", "".join(words(MARK)).strip()
    silent = 2 if claude else 1  # pieces that say nothing yet
    reason_told = PIECES - 1 if claude else PIECES - 2
    # OpenAI's streams have ended when the reason was told and the connection closed in peace; Anthropic's have not.
    at_peace = PIECES if claude else reason_told
    for each in await outcomes(small_hall, provider, way, every_cut(how_many), stream=True):
        where = (each, each.answer.body[-300:])
        if each.answer.status != 200:
            assert each.how == "RST" or each.after <= silent, where
            assert (each.answer.status, each.status) == (502, "cut"), where
            assert each.answer.json["error"]["message"], where
            continue
        said = heard(each.answer.body)
        assert each.after > silent, where
        assert whole.startswith(said.text.strip()), where
        if said.errors == 0:
            assert each.after == PIECES or (each.how == "FIN" and each.after >= at_peace), where
            assert (said.text.strip(), said.finish, each.status) == (whole, reason_of(way), "ok"), where
            assert said.ended or (way == "openai" and each.after < PIECES), where
        else:
            assert (said.errors, said.error_is_last, said.ended, each.status) == (1, True, False, "cut"), where
            assert said.finish is None or (each.after >= reason_told and " to " not in way), where
            assert each.how == "RST" or each.after < PIECES, where


def reason_of(way: str) -> str:
    """Why the answer ended, in the caller's words."""
    return "end_turn" if WAYS[way][0] == MESSAGES else "stop"


@pytest.mark.full
@pytest.mark.parametrize("way", WAYS)
async def test_a_cut_whole_answer_is_an_error(
    small_hall: Hall, provider: Faulty, way: str, how_many: Callable[[int, int], int]
) -> None:
    for each in await outcomes(small_hall, provider, way, every_cut(how_many), stream=False):
        where = (each.after, each.how, each.half, each.answer.status, each.answer.body[-300:], each.status)
        if each.how == "FIN" and each.after == PIECES:
            assert (each.answer.status, each.status) == (200, "ok"), where
            assert text_of(each.answer) == "".join(words(MARK)), where
        else:
            assert each.answer.status == 502, where
            # An answer that goes on to the end of its connection may be cut without anyone noticing but its reader.
            assert each.status == "cut" or (each.how, each.status) == ("FIN", "failed"), where


TARGETS = ("first", "second")
PAIRS = [("gpt", "mock"), ("gpt", "claude"), ("claude", "gpt"), ("claude", "mock")]


async def sturdy(hall: Hall, profiles: tuple[str, str]) -> None:
    """The alias `sturdy`: a first target, and a second one to fall back to."""
    pairs = zip(TARGETS, profiles, strict=True)
    models = [await hall.model(name, {"input": "1", "output": "1"}, profile=profile) for name, profile in pairs]
    ids = [model.id for model in models]
    async with hall.database.change(hall.actor) as change:
        alias = await insert_alias(
            change.connection, organisation_id=hall.organisation.id, name="sturdy", model_ids=ids
        )
        await change.audit("alias.create", "alias", alias.id, alias.name)


def only_first(broken: Script) -> Script:
    """The first target breaks so; the second one answers well."""

    async def script(wire: Wire) -> None:
        await (broken if wire.model == TARGETS[0] else answered_well)(wire)

    return script


@pytest.mark.full
@pytest.mark.parametrize("path", [CHAT, MESSAGES])
@pytest.mark.parametrize("profiles", PAIRS, ids="-".join)
async def test_no_answer_holds_the_words_of_two_targets(
    small_hall: Hall, provider: Faulty, profiles: tuple[str, str], path: str, how_many: Callable[[int, int], int]
) -> None:
    await sturdy(small_hall, profiles)
    key, lanes = await small_hall.key(), asyncio.Semaphore(LANES)

    async def one(after: int, how: str, half: bool, stream: bool) -> Answer:
        name = f"{after}-{how}-{half}-{stream}"
        provider.scripts[name] = only_first(cut(after, how, TARGETS[0], half))
        async with lanes:
            return await small_hall.call(path, ask("sturdy", name, stream=stream), key)

    cuts = every_cut(how_many)[:: how_many(5, 1)]
    for answer in await asyncio.gather(*(one(*each, stream) for each in cuts for stream in (True, False))):
        where = (answer.status, answer.body[-300:])
        marks = [mark for mark in TARGETS if f"{mark}0".encode() in answer.body or f"{mark}1".encode() in answer.body]
        assert len(marks) <= 1, where
        if answer.status != 200:
            assert marks == [], where
        elif answer.headers["content-type"] == "application/json":
            assert text_of(answer).strip() == "".join(words(marks[0])).strip(), where
        else:
            said = heard(answer.body)
            whole = "".join(words(marks[0])).strip()
            assert whole.startswith(said.text.strip()), where
            assert (said.text.strip(), said.error_is_last) == (whole, False) if said.errors == 0 else said.error_is_last


async def _hangs_up(wire: Wire) -> None:
    wire.fin()


async def _fails(wire: Wire) -> None:
    await wire.head(framing="2", status=500)
    await wire.piece(b"{}")


async def _shows_a_page(wire: Wire) -> None:
    await wire.head(kind="text/html")
    await wire.piece(b"<html>Welcome</html>")
    await wire.end()


BEFORE_CONTENT = {f"{how} after {after}": cut(after, how, TARGETS[0]) for after in (0, 1) for how in CUTS}
BEFORE_CONTENT |= {"hangs up": _hangs_up, "fails": _fails, "page": _shows_a_page}


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("profiles", PAIRS, ids="-".join)
async def test_what_fails_before_its_first_content_is_answered_by_the_next_target(
    small_hall: Hall, provider: Faulty, profiles: tuple[str, str], stream: bool
) -> None:
    await sturdy(small_hall, profiles)
    key = await small_hall.key()
    for number, (why, script) in enumerate(BEFORE_CONTENT.items()):
        provider.scripts[str(number)] = only_first(script)
        answer = await small_hall.call(CHAT, ask("sturdy", str(number), stream=stream), key)
        assert answer.status == 200, (why, answer.body[-300:])
        said = heard(answer.body).text if stream else text_of(answer)
        assert said.strip() == "".join(words(TARGETS[1])).strip(), why

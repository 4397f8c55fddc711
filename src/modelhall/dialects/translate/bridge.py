"""Between a caller's dialect and a target's: requests one way, answers the other."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial

from msgspec import structs

from modelhall.dialects import anthropic_messages, openai_chat
from modelhall.dialects.dialect import Ask, Change, Dialect, Reader, UsageReader
from modelhall.dialects.parameters import ParameterFacts, apply_parameters
from modelhall.dialects.told import readable, utf8
from modelhall.dialects.translate import (
    anthropic_in,
    anthropic_out,
    anthropic_reply,
    openai_in,
    openai_out,
    openai_reply,
)
from modelhall.dialects.translate.anthropic_listen import AnthropicListener
from modelhall.dialects.translate.anthropic_write import AnthropicWriter
from modelhall.dialects.translate.expects import Envelope, Expects
from modelhall.dialects.translate.notes import Notes
from modelhall.dialects.translate.openai_listen import OpenAIListener
from modelhall.dialects.translate.openai_write import OpenAIWriter
from modelhall.dialects.translate.reader import TranslatingReader, TranslatingWholeReader
from modelhall.domain.errors import BadRequest
from modelhall.domain.usage import Usage

LIMIT = 4096
"""Output tokens of a request without a limit to a model of which no limit is known, where the dialect requires one."""


@dataclass(frozen=True, slots=True)
class Translated:
    """A request in the target's dialect."""

    body: bytes = field(repr=False)
    dropped: tuple[str, ...]
    """Fields that could not be carried, by the caller's names; safe in a header."""
    changes: Mapping[str, str]
    """Fields that were carried in another form, and how."""
    expects: Expects
    """For the reader of the answer."""


@dataclass(frozen=True, slots=True)
class Bridge:
    """Carries calls from one dialect to another."""

    source: Dialect
    target: Dialect
    _request: Callable[[bytes, Change, ParameterFacts], Translated]
    _reader: Callable[[Ask, Reader, Expects, Envelope], Reader]

    def request(self, body: bytes, change: Change, facts: ParameterFacts) -> Translated:
        """The caller's request for the target. Raises BadRequest where it would mean something else there."""
        if utf8(body) is not body:
            raise BadRequest("The body is not UTF-8.")
        return self._request(body, change, facts)

    def reader(self, ask: Ask, expects: Expects, envelope: Envelope, reads_usage: UsageReader | None = None) -> Reader:
        """A reader of the target's answer that gives the caller's; `reads_usage` is for the target's dialect."""
        # Usage is told on at the end; in between its chunk may pass, nobody listens to it.
        inner = self.target.reader(structs.replace(ask, wants_usage=True), reads_usage)
        return self._reader(ask, inner, expects, envelope)


def bridge(source: Dialect, target: Dialect) -> Bridge | None:
    """The way from a caller's dialect to a target's; `None` where there is none."""
    found = _WAYS.get((source.NAME, target.NAME))
    return None if found is None else Bridge(source, target, *found)


def translate_request(
    body: bytes, source: Dialect, target: Dialect, change: Change, facts: ParameterFacts
) -> Translated | None:
    """The request in the target's dialect; `None` where there is no way. Raises BadRequest."""
    found = bridge(source, target)
    return None if found is None else found.request(body, change, facts)


def translate_reply(
    body: bytes, source: Dialect, target: Dialect, usage: Usage | None, expects: Expects, envelope: Envelope
) -> bytes | None:
    """A whole answer of the target in the words of `source`, the caller; `None` where there is no way.

    Raises ProviderBroke when it is no answer.
    """
    rewrite = _REPLIES.get((source.NAME, target.NAME))
    return None if rewrite is None else rewrite(body, usage, expects, envelope)


def _to_anthropic(body: bytes, change: Change, facts: ParameterFacts) -> Translated:
    notes = Notes()
    asked = openai_in.read_request(body)
    limit = change.output_limit or facts.max_output or LIMIT
    if asked.output_limit is None:
        notes.change("max_tokens", f"{limit}: the target's dialect requires one")
    written = anthropic_out.write_request(asked, change.model, limit, facts, notes)
    facts = replace(facts, ranges={**anthropic_out.RANGES, **facts.ranges})
    return _in_line(written.body, facts, _ANTHROPIC, notes, Expects(json_tool=written.json_tool))


def _to_openai(body: bytes, change: Change, facts: ParameterFacts) -> Translated:
    notes = Notes()
    asked = anthropic_in.read_request(body)
    written = openai_out.write_request(
        asked, change.model, change.output_limit, facts, notes, usage=change.usage_option
    )
    if change.output_limit_name not in (None, "max_tokens") and "max_tokens" not in facts.renames:
        facts = replace(facts, renames={**facts.renames, "max_tokens": change.output_limit_name})
    effort = asked.effort
    shows = effort is not None and bool(effort.thinks) and effort.shown
    return _in_line(written, facts, _OPENAI, notes, Expects(shows_reasoning=shows))


def _in_line(body: bytes, facts: ParameterFacts, dialect: str, notes: Notes, expects: Expects) -> Translated:
    applied = apply_parameters(body, facts, dialect)
    notes.take(applied.dropped, applied.changes)
    return Translated(applied.body, notes.dropped, notes.changes, expects)


def _anthropic_for_openai(body: bytes, usage: Usage | None, expects: Expects, envelope: Envelope) -> bytes:
    return openai_reply.write_reply(anthropic_reply.read_reply(readable(body), usage, expects), envelope)


def _openai_for_anthropic(body: bytes, usage: Usage | None, expects: Expects, envelope: Envelope) -> bytes:
    return anthropic_reply.write_reply(openai_reply.read_reply(readable(body), usage), envelope, expects)


def _reads_anthropic(ask: Ask, inner: Reader, expects: Expects, envelope: Envelope) -> Reader:
    if not ask.stream:
        return TranslatingWholeReader(inner, partial(_anthropic_for_openai, expects=expects, envelope=envelope))
    heard = OpenAIWriter(envelope, wants_usage=ask.wants_usage)
    return TranslatingReader(inner, AnthropicListener(heard, expects), heard)


def _reads_openai(ask: Ask, inner: Reader, expects: Expects, envelope: Envelope) -> Reader:
    if not ask.stream:
        return TranslatingWholeReader(inner, partial(_openai_for_anthropic, expects=expects, envelope=envelope))
    heard = AnthropicWriter(envelope, expects)
    return TranslatingReader(inner, OpenAIListener(heard), heard)


_OPENAI, _ANTHROPIC = openai_chat.NAME, anthropic_messages.NAME
_WAYS = {
    (_OPENAI, _ANTHROPIC): (_to_anthropic, _reads_anthropic),
    (_ANTHROPIC, _OPENAI): (_to_openai, _reads_openai),
}
_REPLIES = {(_OPENAI, _ANTHROPIC): _anthropic_for_openai, (_ANTHROPIC, _OPENAI): _openai_for_anthropic}

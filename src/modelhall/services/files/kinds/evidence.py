"""What people entered of where a profile's or model's data goes, each fact with what it stands on."""

from collections.abc import Mapping
from datetime import date
from typing import Any, cast

from modelhall.domain.privacy import Evidence, Fact, Facts, Layer
from modelhall.services.evidence.enter_evidence import NewEvidence, checked_evidence
from modelhall.services.evidence.put_evidence import put_evidence
from modelhall.services.files.kinds.kind import Fields, Present, Task, Work
from modelhall.services.words import wrong
from modelhall.storage.policies import evidence_told


def evidence_fields(facts: Facts) -> Fields | None:
    """By fact; nothing where nobody entered any."""
    return {fact: _told(facts[fact]) for fact in sorted(facts)} or None


def with_normal_evidence(fields: Fields) -> Fields:
    """The fields with the evidence as it is kept. Raises BadRequest."""
    if not fields.get("evidence"):
        return fields
    given = cast("Mapping[Fact, Fields]", fields["evidence"])
    return {**fields, "evidence": {fact: _told(_evidence(fact, given[fact], "profile")) for fact in sorted(given)}}


def with_author(fields: Fields, present: Present) -> Fields:
    """Evidence that names nobody was entered by whoever applies it, unless it is there already."""
    if not fields.get("evidence"):
        return fields
    held = (present.old or {}).get("evidence", {})
    named: dict[str, Fields] = {}
    for fact, given in fields["evidence"].items():
        there = held.get(fact, {})
        same = all(there.get(name) == given.get(name) for name in {*there, *given} - {"entered_by"})
        author = there.get("entered_by") if same else present.who
        named[fact] = given if "entered_by" in given or author is None else {**given, "entered_by": author}
    return {**fields, "evidence": named}


async def set_evidence(work: Work, task: Task, layer: Layer) -> None:
    """Have it stand on what the file says."""
    if task.differs("evidence"):
        given = cast("Mapping[Fact, Fields]", task.new.get("evidence", {}))
        facts: Facts = {fact: _evidence(fact, words, layer) for fact, words in given.items()}
        await put_evidence(work.house, work.actor, task.name, facts)


def _told(evidence: Evidence) -> dict[str, Any]:
    return {name: value for name, value in evidence_told(evidence).items() if value is not None}


def _evidence(fact: Fact, words: Fields, layer: Layer) -> Evidence:
    place = f"evidence.{fact}."
    until = words.get("valid_until")
    given = NewEvidence(
        value=words["value"],
        reference=words["reference"],
        dated=_day(words["dated"], f"{place}dated"),
        address=words.get("address"),
        valid_until=None if until is None else _day(until, f"{place}valid_until"),
    )
    return checked_evidence(fact, given, layer, words.get("entered_by"), place)


def _day(text: str, place: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise wrong(place, f"{text[:40]!r} is no day such as 2026-11-01") from None

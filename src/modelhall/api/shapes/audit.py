"""The audit on the wire."""

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field

from modelhall.api.shapes.base import Moment, PageShape, Shape
from modelhall.services.audit.list_audit import AuditRow
from modelhall.services.audit.verify_audit import AuditVerdict
from modelhall.services.pages import Page

Fault = Literal[
    "changed", "missing", "moved", "cut", "inserted", "rewritten", "forged_end", "unsigned_end", "unchecked_end"
]


class AuditShape(Shape):
    """One change; `before` and `after` hold no secrets."""

    id: str
    sequence: int
    at: Moment
    actor: str
    actor_id: str | None
    action: str
    kind: str
    object_id: str
    name: str
    before: dict[str, object] | None
    after: dict[str, object] | None
    hash: str


class AuditPage(PageShape):
    """A page of the audit, the newest first."""

    items: list[AuditShape]


class AuditVerdictShape(Shape):
    """What a check found of one organisation's audit."""

    organisation: str
    whole: bool
    words: str
    fault: Fault | None
    sequence: Annotated[int | None, Field(description="The change at which it shows.")]
    rows: int
    end: Annotated[str, Field(description="Note it elsewhere, and hand it in as `noted` at the next check.")]


class AuditVerdictsShape(Shape):
    """Of each organisation that was checked."""

    items: list[AuditVerdictShape]


def audit_page(page: Page[AuditRow]) -> AuditPage:
    """A page as it goes out."""
    return AuditPage(items=[_audit(row) for row in page.items], next=page.next)


def verdicts_of(found: Sequence[AuditVerdict]) -> AuditVerdictsShape:
    """A check as it goes out."""
    return AuditVerdictsShape(items=[_verdict(each) for each in found])


def _verdict(found: AuditVerdict) -> AuditVerdictShape:
    return AuditVerdictShape.model_validate(
        {
            "organisation": found.organisation.slug,
            "whole": found.check.fault is None,
            "words": found.words,
            "fault": found.check.fault,
            "sequence": found.check.sequence,
            "rows": found.check.rows,
            "end": found.end,
        }
    )


def _audit(row: AuditRow) -> AuditShape:
    return AuditShape(
        id=row.id,
        sequence=row.sequence,
        at=row.at,
        actor=row.actor,
        actor_id=row.actor_id,
        action=row.action,
        kind=row.object_kind,
        object_id=row.object_id,
        name=row.object_name,
        before=None if row.before is None else dict(row.before),
        after=None if row.after is None else dict(row.after),
        hash=row.hash,
    )

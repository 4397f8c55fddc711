"""Evidence on the wire: what is known of where data goes, and on what it stands."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from modelhall.api.shapes.base import Body, Shape, Text
from modelhall.domain.privacy import Evidence, Fact
from modelhall.services.evidence.enter_evidence import NewEvidence
from modelhall.services.evidence.show_evidence import EvidenceView, FactView

FactName = Fact


class EvidenceBody(Body):
    """What is known of one fact, and on what it stands."""

    value: Annotated[
        bool | list[Text], Field(description="Of `regions` all in which data may be handled; of others, if it is so.")
    ]
    reference: Annotated[Text, Field(description="A contract, a certificate, a mail: by which it can be found again.")]
    dated: Annotated[date, Field(description="From when the evidence is.")]
    address: Annotated[Text | None, Field(description="Of the page, where it is one.")] = None
    valid_until: Annotated[date | None, Field(description="The last day (UTC) on which it counts.")] = None

    def given(self) -> NewEvidence:
        """As the service knows it."""
        return NewEvidence(
            value=self.value,
            reference=self.reference,
            dated=self.dated,
            address=self.address,
            valid_until=self.valid_until,
        )


class EvidenceShape(Shape):
    """On what a fact stands."""

    value: bool | list[str]
    reference: str
    layer: Annotated[
        Literal["model", "profile", "nature", "provider"],
        Field(description="Where it is from; `nature`: it follows from where the server is."),
    ]
    address: str | None
    dated: date | None
    valid_until: date | None
    entered_by: Annotated[str | None, Field(description="A member's login; null: it came with the program.")]


class FactShape(Shape):
    """One fact."""

    fact: FactName
    evidence: Annotated[EvidenceShape | None, Field(description="Null: it is not known, and counts as not so.")]
    over: Annotated[EvidenceShape | None, Field(description="What counted until it ended.")]


class EvidenceListShape(Shape):
    """What is known of a profile or model."""

    name: str
    kind: Literal["profile", "model"]
    says: Annotated[str, Field(description="In one sentence where a call goes.")]
    facts: list[FactShape]


def evidence_of(evidence: Evidence) -> EvidenceShape:
    """Evidence as it goes out."""
    return EvidenceShape(
        value=list(evidence.value) if isinstance(evidence.value, tuple) else evidence.value,
        reference=evidence.reference,
        layer=evidence.layer,
        address=evidence.address,
        dated=evidence.dated,
        valid_until=evidence.valid_until,
        entered_by=evidence.entered_by,
    )


def evidence_list_of(view: EvidenceView) -> EvidenceListShape:
    """All facts as they go out."""
    return EvidenceListShape(name=view.name, kind=view.kind, says=view.says, facts=[_fact(each) for each in view.facts])


def _fact(view: FactView) -> FactShape:
    return FactShape(
        fact=view.fact,
        evidence=None if view.evidence is None else evidence_of(view.evidence),
        over=None if view.over is None else evidence_of(view.over),
    )

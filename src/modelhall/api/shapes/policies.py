"""Policies on the wire, and what came of them for a model."""

from typing import Annotated

from pydantic import Field

from modelhall.api.shapes.base import Body, PerMillion, Shape, Text
from modelhall.api.shapes.evidence import EvidenceShape, evidence_of
from modelhall.domain.policies import Finding, Policy, Rule, policy_words
from modelhall.gateway.explain import Judged
from modelhall.services.policies.policy_words import PolicyWish
from modelhall.services.policies.show_policy import PolicyView

_INHERITED = "Null: as above; false: not demanded, which those above must allow."


class PolicyBody(Body):
    """All that is to be demanded; it replaces what was."""

    local_only: Annotated[bool | None, Field(description=f"Only models on the owner's machines. {_INHERITED}")] = None
    zero_retention: Annotated[bool | None, Field(description=f"Nobody keeps anything of a call. {_INHERITED}")] = None
    no_training: Annotated[bool | None, Field(description=f"Nobody trains on it. {_INHERITED}")] = None
    regions: Annotated[list[Text] | None, Field(description="Handled in these regions at most.")] = None
    ceiling_usd_per_mtok: Annotated[
        PerMillion | None, Field(description="A million tokens of any class cost at most so much.")
    ] = None
    purposes: Annotated[list[Text] | None, Field(description="Only profiles with one of these labels.")] = None
    residencies: Annotated[list[Text] | None, Field(description="Only profiles with one of these labels.")] = None

    def wish(self) -> PolicyWish:
        """As the service knows it."""
        return PolicyWish(**dict(self))


class RulesShape(Shape):
    """What is demanded; false and null demand nothing."""

    local_only: bool = False
    zero_retention: bool = False
    no_training: bool = False
    regions: list[str] | None = None
    ceiling_usd_per_mtok: PerMillion | None = None
    purposes: list[str] | None = None
    residencies: list[str] | None = None


class ParentShape(Shape):
    """A policy above."""

    whose: str
    rules: RulesShape


class PolicyShape(Shape):
    """The policy of an organisation, a project or a key."""

    whose: str
    own: RulesShape
    effective: Annotated[RulesShape, Field(description="What holds: its own and all above it.")]
    parents: Annotated[list[ParentShape], Field(description="The organisation's first.")]
    outdone: Annotated[list[Rule], Field(description="Rules of its own than which more was demanded above since.")]


class FindingShape(Shape):
    """What came of one rule."""

    rule: Rule
    whose: str
    met: bool
    words: Annotated[str, Field(description="What it stands on, or what is missing.")]
    evidence: EvidenceShape | None


class JudgedShape(Shape):
    """What policies say of a model."""

    model: str
    allowed: bool
    findings: list[FindingShape]


class JudgedListShape(Shape):
    """What policies say of every active model, by name."""

    items: list[JudgedShape]


def policy_of(view: PolicyView) -> PolicyShape:
    """A policy as it goes out."""
    return PolicyShape(
        whose=view.whose,
        own=_rules(view.own),
        effective=_rules(view.effective),
        parents=[ParentShape(whose=whose, rules=_rules(rules)) for whose, rules in view.parents],
        outdone=list(view.outdone),
    )


def judged_of(judged: Judged) -> JudgedShape:
    """A verdict as it goes out."""
    verdict = judged.verdict
    return JudgedShape(
        model=judged.model, allowed=verdict.refusal is None, findings=[_finding(each) for each in verdict.findings]
    )


def _rules(policy: Policy) -> RulesShape:
    return RulesShape.model_validate(policy_words(policy))


def _finding(finding: Finding) -> FindingShape:
    return FindingShape(
        rule=finding.rule,
        whose=finding.whose,
        met=finding.met,
        words=finding.words,
        evidence=None if finding.evidence is None else evidence_of(finding.evidence),
    )

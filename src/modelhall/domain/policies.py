"""What an organisation, a project or a key demands of the models that its calls may go to; unknown is refused."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from decimal import Decimal
from typing import Literal, cast

from modelhall.domain.ceilings import over_ceiling
from modelhall.domain.prices import PriceSheet
from modelhall.domain.privacy import Evidence, Fact, Privacy, value_words

Rule = Literal[
    "local_only", "zero_retention", "no_training", "regions", "ceiling_usd_per_mtok", "purposes", "residencies"
]
RULES: tuple[Rule, ...] = (
    "local_only",
    "zero_retention",
    "no_training",
    "regions",
    "ceiling_usd_per_mtok",
    "purposes",
    "residencies",
)
FACT_OF: Mapping[Rule, Fact] = {
    "local_only": "local",
    "zero_retention": "zero_retention",
    "no_training": "no_training",
    "regions": "regions",
}
"""The rules that stand on evidence, and the fact that each asks for."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What is demanded; `False` and `None` demand nothing."""

    local_only: bool = False
    """Only models on machines of the owner."""
    zero_retention: bool = False
    """Nobody keeps anything of a call."""
    no_training: bool = False
    """Nobody trains on it."""
    regions: frozenset[str] | None = None
    """Handled in these regions at most."""
    ceiling_usd_per_mtok: Decimal | None = None
    """A million tokens of any class cost at most so much, in USD."""
    purposes: frozenset[str] | None = None
    """Only profiles that carry one of these labels."""
    residencies: frozenset[str] | None = None

    @property
    def demanded(self) -> tuple[Rule, ...]:
        """The rules that it has."""
        return tuple(rule for rule in RULES if _demands(getattr(self, rule)))

    def meet(self, other: "Policy") -> "Policy":
        """What both together demand."""
        return Policy(
            local_only=self.local_only or other.local_only,
            zero_retention=self.zero_retention or other.zero_retention,
            no_training=self.no_training or other.no_training,
            regions=_both(self.regions, other.regions),
            ceiling_usd_per_mtok=_lower(self.ceiling_usd_per_mtok, other.ceiling_usd_per_mtok),
            purposes=_both(self.purposes, other.purposes),
            residencies=_both(self.residencies, other.residencies),
        )

    def wider_than(self, parent: "Policy") -> tuple[Rule, ...]:
        """The rules of its own in which it asks for less than the parent; what it leaves open is the parent's."""
        together = self.meet(parent)
        return tuple(rule for rule in self.demanded if getattr(together, rule) != getattr(self, rule))


NOTHING = Policy()


def _demands(value: object) -> bool:
    """A ceiling of 0 demands a lot."""
    return value is not None and value is not False


def _both(one: frozenset[str] | None, other: frozenset[str] | None) -> frozenset[str] | None:
    if one is None or other is None:
        return one if other is None else other
    return one & other


def _lower(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    known = [each for each in (one, other) if each is not None]
    return min(known, default=None)


@dataclass(frozen=True, slots=True)
class Candidate:
    """What a policy looks at of a model."""

    privacy: Privacy
    sheet: PriceSheet | None
    """The price in force; `None` = unknown."""
    one_sided: bool = False
    """Whether it writes no text, so that a price of what goes in is all there is."""
    purpose: str | None = None
    residency: str | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """What came of one rule."""

    rule: Rule
    whose: str
    """`the organisation`, `project web`, `key ci`."""
    met: bool
    words: str
    """What it stands on, or what is missing."""
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a model may be called under all policies that apply."""

    findings: tuple[Finding, ...]
    refusal: Finding | None = field(init=False)
    """The first rule that is not met."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "refusal", next((each for each in self.findings if not each.met), None))

    @property
    def receipt(self) -> dict[str, str]:
        """For the receipt of a call: by rule, whose it is and what it stands on."""
        told: dict[str, str] = {}
        for each in self.findings:
            name = f"policy.{each.rule}"
            words = f"{each.whose}: {each.words}"
            told[name] = f"{told[name]}; {words}" if name in told else words
        return told

    @property
    def header(self) -> bytes:
        """For the answer's head: each rule with whose it is, the evidence and its date, as RFC 9651 writes lists."""
        return ", ".join(_item(each) for each in self.findings).encode("ascii", "replace")


def _item(finding: Finding) -> str:
    evidence = finding.evidence
    parts = [finding.rule, f'by="{_quoted(finding.whose)}"', f'because="{_quoted(finding.words)}"']
    if evidence is not None and evidence.dated is not None:
        parts.append(f'dated="{evidence.dated.isoformat()}"')
    return ";".join(parts)


def _quoted(words: str) -> str:
    return words.replace("\\", "\\\\").replace('"', '\\"')


Layers = Iterable[tuple[str, Policy]]
"""Whose, and what it demands; the organisation's first."""


def judge(layers: Layers, candidate: Candidate, now: datetime) -> Verdict:
    """Every rule of every layer; a child can only add to what its parents demand."""
    return Verdict(
        tuple(
            _CHECKS[rule](rule, whose, policy, candidate, now) for whose, policy in layers for rule in policy.demanded
        )
    )


def _flag(rule: Rule, whose: str, policy: Policy, candidate: Candidate, now: datetime) -> Finding:
    known = candidate.privacy.known(FACT_OF[rule], now)
    if known is not None and known.value is True:
        return Finding(rule, whose, True, evidence_words(known), known)
    if known is not None:
        return Finding(rule, whose, False, f"it is known that it is not so: {evidence_words(known)}", known)
    return Finding(rule, whose, False, _missing(FACT_OF[rule], candidate.privacy, now))


def _regions(rule: Rule, whose: str, policy: Policy, candidate: Candidate, now: datetime) -> Finding:
    known, allowed = candidate.privacy.known("regions", now), policy.regions or frozenset[str]()
    if known is None:
        return Finding(rule, whose, False, _missing("regions", candidate.privacy, now))
    if known.value is True:  # of a server that is the owner's own
        return Finding(rule, whose, True, evidence_words(known), known)
    where = known.value if isinstance(known.value, tuple) else ()
    if where and allowed.issuperset(where):
        return Finding(rule, whose, True, f"{value_words(where)}: {evidence_words(known)}", known)
    words = f"data is handled in {value_words(where)}, and allowed is {_listed(allowed)}"
    return Finding(rule, whose, False, words, known)


def _ceiling(rule: Rule, whose: str, policy: Policy, candidate: Candidate, now: datetime) -> Finding:
    ceiling = cast(Decimal, policy.ceiling_usd_per_mtok)
    why = over_ceiling(candidate.sheet, ceiling, one_sided=candidate.one_sided)
    return Finding(rule, whose, why is None, why or f"at most ${ceiling.normalize():f} per million tokens")


def _purposes(rule: Rule, whose: str, policy: Policy, candidate: Candidate, now: datetime) -> Finding:
    return _label(rule, whose, policy.purposes, candidate.purpose, "purpose")


def _residencies(rule: Rule, whose: str, policy: Policy, candidate: Candidate, now: datetime) -> Finding:
    return _label(rule, whose, policy.residencies, candidate.residency, "residency")


def _label(rule: Rule, whose: str, allowed: frozenset[str] | None, label: str | None, name: str) -> Finding:
    if label is None:
        return Finding(rule, whose, False, f"its profile has no label of {name}")
    met = label in (allowed or ())
    words = f"its profile's {name} is {label}"
    return Finding(rule, whose, met, words if met else f"{words}, and allowed is {_listed(allowed or frozenset())}")


_Check = Callable[[Rule, str, Policy, Candidate, datetime], Finding]
_CHECKS: Mapping[Rule, _Check] = {
    "local_only": _flag,
    "zero_retention": _flag,
    "no_training": _flag,
    "regions": _regions,
    "ceiling_usd_per_mtok": _ceiling,
    "purposes": _purposes,
    "residencies": _residencies,
}


def _missing(fact: Fact, privacy: Privacy, now: datetime) -> str:
    over = privacy.lapsed(fact, now)
    name = fact.replace("_", " ")
    if over is not None:
        return f"the evidence for {name} ended on {over.valid_until}: {over.reference}"
    return f"there is no evidence for {name}"


def evidence_words(evidence: Evidence | None) -> str:
    """Evidence in a few words: what it is, from when, until when."""
    if evidence is None:
        return ""
    dated = f" of {evidence.dated}" if evidence.dated else ""
    until = f", valid until {evidence.valid_until}" if evidence.valid_until else ""
    by = f", entered by {evidence.entered_by}" if evidence.entered_by else ""
    return f"{evidence.reference}{dated}{until}{by}"


def _listed(words: frozenset[str]) -> str:
    return ", ".join(sorted(words)) or "nothing"


def policy_words(policy: Policy) -> dict[str, object]:
    """A policy as plain values: what it demands, by rule."""
    told: dict[str, object] = {}
    for each in fields(policy):
        value: object = getattr(policy, each.name)
        if isinstance(value, frozenset):
            told[each.name] = sorted(cast("frozenset[str]", value))
        elif isinstance(value, Decimal):
            told[each.name] = f"{value.normalize():f}"
        elif value is True:
            told[each.name] = value
    return told

"""What the policies above a caller demand, and what came of it for each model: looked up once, then known."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from modelhall.domain.errors import PolicyRefused
from modelhall.domain.people import Key, Organisation, Project
from modelhall.domain.policies import Candidate, Policy, Verdict, judge
from modelhall.gateway.call import Target

ORGANISATION = ""
"""Stands for everybody who has no demands of his own beside the organisation's."""
WRITES_NOTHING = frozenset({"embedding", "rerank", "moderation", "classifier"})
MOST_KNOWN = 100_000


class Demands:
    """The policies that hold for a caller, from the organisation's down; all of them have to be met."""

    def __init__(self, layers: Iterable[tuple[str, Policy]]) -> None:
        self.layers = tuple(layers)
        self._known: dict[str, tuple[Target, datetime | None, Verdict]] = {}

    def verdict(self, target: Target) -> Verdict:
        """What came of it, as of now."""
        known = self._known.get(target.model.id)
        if known is not None and known[0] is target and (known[1] is None or datetime.now(UTC) < known[1]):
            return known[2]
        now = datetime.now(UTC)
        verdict = judge(self.layers, candidate_of(target, now), now)
        if len(self._known) >= MOST_KNOWN:
            self._known.clear()
        self._known[target.model.id] = target, _until(target, now), verdict
        return verdict

    def allows(self, target: Target) -> bool:
        """Whether a call may go there."""
        return self.verdict(target).refusal is None

    def admit(self, target: Target) -> Verdict:
        """The verdict, where it is good. Raises PolicyRefused."""
        verdict = self.verdict(target)
        if (refusal := verdict.refusal) is not None:
            raise PolicyRefused(
                f"{target.model.public_name} is not allowed by the policy of {refusal.whose} "
                f"({refusal.rule}): {refusal.words}; `modelhall policy show` and `modelhall evidence show` say more",
                details={"rule": refusal.rule, "whose": refusal.whose, "missing": refusal.words},
            )
        return verdict


def candidate_of(target: Target, now: datetime) -> Candidate:
    """What policies look at of a target."""
    return Candidate(
        privacy=target.privacy,
        sheet=target.sheet_at(now),
        one_sided=target.model.kind in WRITES_NOTHING,
        purpose=target.profile.purpose,
        residency=target.profile.residency,
    )


def _until(target: Target, now: datetime) -> datetime | None:
    """When the verdict has to be looked at again: some evidence ends, or another price comes."""
    changes = [sheet.valid_from for sheet in target.sheets if sheet.valid_from > now]
    end = target.privacy.next_end(now)
    return min([*changes, end] if end else changes, default=None)


def demands_by_key(
    organisation: Organisation, keys: Iterable[Key], projects: Mapping[str, Project]
) -> dict[str, Demands]:
    """By key id where project or key demand something; at `ORGANISATION` what holds for everybody else."""
    common = () if not organisation.policy.demanded else (("the organisation", organisation.policy),)
    found = {ORGANISATION: Demands(common)} if common else {}
    shared: dict[str, Demands] = {}
    for key in keys:
        project = projects.get(key.project_id or "")
        layers = common
        if project is not None and project.policy.demanded:
            layers = (*common, (f"project {project.slug}", project.policy))
        if key.policy.demanded:
            found[key.id] = Demands((*layers, (f"key {key.name}", key.policy)))
        elif project is not None and layers is not common:
            found[key.id] = shared.setdefault(project.id, Demands(layers))
    return found

"""What an organisation or a project demands of the models that its calls go to."""

from modelhall.domain.policies import Policy, policy_words
from modelhall.services.files.kinds.kind import Fields, Task, Work
from modelhall.services.policies.policy_words import PolicyWish, checked_policy
from modelhall.services.policies.scope import Scope
from modelhall.services.policies.set_policy import set_policy


def policy_fields(policy: Policy) -> Fields | None:
    """Its rules; nothing for one that demands nothing."""
    return policy_words(policy) or None


def with_normal_policy(fields: Fields) -> Fields:
    """The fields with the policy as it is kept. Raises BadRequest."""
    if not fields.get("policy"):
        return fields
    return {**fields, "policy": policy_words(checked_policy(PolicyWish(**fields["policy"]), "policy."))}


async def loosen(work: Work, task: Task, scope: Scope) -> None:
    """Demand only what was demanded and stays so.

    What is below, and evidence, may change together with a policy: both are held to what is demanded in the end.
    """
    if not task.differs("policy") or task.old is None:
        return
    new = task.new.get("policy", {})
    stays = {rule: value for rule, value in task.old.get("policy", {}).items() if new.get(rule) == value}
    await set_policy(work.house, work.actor, scope, PolicyWish(**stays))


async def demand(work: Work, task: Task, scope: Scope) -> None:
    """Demand what the file says. Raises Conflict where that is less than what is demanded above."""
    if task.differs("policy"):
        await set_policy(work.house, work.actor, scope, PolicyWish(**task.new.get("policy", {})))

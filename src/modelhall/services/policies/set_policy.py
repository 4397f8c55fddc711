"""Sets a policy. What is below may only demand more than what is above; what is demanded above later holds too."""

from dataclasses import replace

from modelhall.domain.errors import RoleTooLow
from modelhall.domain.people import Actor, Key, Organisation, Project, Role
from modelhall.domain.policies import Policy, policy_words
from modelhall.services.connection import Connection
from modelhall.services.house import House
from modelhall.services.policies.policy_words import PolicyWish, checked_policy, refuse_wider
from modelhall.services.policies.scope import Found, Scope, find_scope
from modelhall.services.policies.show_policy import PolicyView, view_of
from modelhall.services.rights import require
from modelhall.storage import keys, organisations, projects


async def set_policy(house: House, actor: Actor, scope: Scope, wish: PolicyWish) -> PolicyView:
    """The policy then; it replaces all that was demanded there.

    A member may tighten a key of his own; all else is an admin's. Raises RoleTooLow, NotFound, BadRequest, Conflict.
    """
    require(actor, Role.MEMBER if scope.kind == "key" else Role.ADMIN)
    policy = checked_policy(wish)
    async with house.database.change(actor) as change:
        found = await find_scope(change.connection, actor, scope)
        old = found.owner.policy
        if actor.role < Role.ADMIN and policy.meet(old) != policy:
            raise RoleTooLow("a key's policy was set, and to demand less is for an admin; you may demand more")
        refuse_wider(wish, policy, found.parents)
        if policy == old:
            change.nothing()
        else:
            found = await _written(change.connection, found, policy)
            await change.audit(
                "policy.set",
                scope.kind,
                found.owner.id,
                _name(found.owner),
                before=policy_words(old),
                after=policy_words(policy),
            )
    return view_of(found)


async def _written(connection: Connection, found: Found, policy: Policy) -> Found:
    owner = found.owner
    if isinstance(owner, Organisation):
        owner = replace(owner, policy=policy)
        await organisations.update_organisation(connection, owner)
    elif isinstance(owner, Project):
        owner = await projects.update_project(connection, replace(owner, policy=policy))
    else:
        owner = replace(owner, policy=policy)
        await keys.update_key(connection, owner)
    return replace(found, owner=owner)


def _name(owner: Organisation | Project | Key) -> str:
    return owner.name if isinstance(owner, Key) else owner.slug

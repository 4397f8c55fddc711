"""Keeps a key from making another that may more than it may itself."""

from dataclasses import replace

from modelhall.domain.errors import RoleTooLow, UnknownKey
from modelhall.domain.people import Actor
from modelhall.services.connection import Connection
from modelhall.storage import keys
from modelhall.storage.keys import KeyDraft


async def within_maker(connection: Connection, actor: Actor, draft: KeyDraft) -> KeyDraft:
    """The new key with what it leaves open taken from the key that makes it; a person gives what they like.

    Raises RoleTooLow for what goes beyond the maker's role, models, project, end or budget.
    """
    if draft.role is not None and draft.role > actor.role:
        raise RoleTooLow(f"you act as {actor.role.word}; a key of yours may not do more")
    if actor.key_id is None:
        return draft
    maker = await keys.get_key(connection, actor.key_id)
    if maker is None:
        raise UnknownKey("the key that asks was deleted")
    if maker.budget_limit is not None:
        raise RoleTooLow("a key with a budget makes no other: what that spent would not count for it")
    if maker.project_id is not None and draft.project_id not in {None, maker.project_id}:
        raise RoleTooLow("a key of a project makes others in the same project only")
    if maker.models is not None and not set(draft.models or ()) <= set(maker.models):
        raise RoleTooLow("a key gives away only models that it may call itself")
    if maker.expires_at is not None and draft.expires_at is not None and draft.expires_at > maker.expires_at:
        raise RoleTooLow(f"this key ends at {maker.expires_at:%Y-%m-%d %H:%M} UTC, and those that it makes do too")
    return replace(
        draft,
        project_id=draft.project_id or maker.project_id,
        models=maker.models if draft.models is None else draft.models,
        expires_at=draft.expires_at or maker.expires_at,
    )

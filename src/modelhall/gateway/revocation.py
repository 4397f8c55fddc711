"""Cuts the calls under way of whoever may not call any more: with an error where a stream has begun, never an end."""

from collections.abc import Collection
from typing import Protocol

from modelhall.domain.errors import AccessEnded, ModelhallError
from modelhall.gateway.call import Caller
from modelhall.gateway.snapshot import Snapshot

WORDS = "the key of this call was deleted, or its owner may not call any more"


class UnderWay(Protocol):
    """What `attempt.Attempt` has of use here."""

    @property
    def caller(self) -> Caller: ...

    def cut(self, error: ModelhallError) -> None:
        """Ends it with this error, as if its provider had."""
        ...


def cut_revoked(under_way: Collection[UnderWay], snapshot: Snapshot) -> None:
    """Ends those whose key was deleted, or whose member was removed or switched off."""
    for each in [*under_way]:
        if not snapshot.admits(each.caller.key_id, each.caller.member_id):
            each.cut(AccessEnded(WORDS))


def refuse_revoked(caller: Caller, snapshot: Snapshot) -> None:
    """Raises AccessEnded for a call that was admitted before, and is about to be sent."""
    if not snapshot.admits(caller.key_id, caller.member_id):
        raise AccessEnded(WORDS)

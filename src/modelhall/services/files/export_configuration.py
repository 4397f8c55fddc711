"""Writes the whole configuration as a file: no ids, no times, no secrets, so that exports can be compared by line."""

from typing import Any

import msgspec

from modelhall.domain.people import Actor, Role
from modelhall.services.files.document import FORMAT
from modelhall.services.files.kinds.registry import KINDS
from modelhall.services.files.secrets import sealed, secrets_of
from modelhall.services.files.state import state_of
from modelhall.services.files.stock import Stock, take_stock
from modelhall.services.files.write_text import Form, written
from modelhall.services.house import House
from modelhall.services.rights import require, require_operator

HEAD = "Modelhall's configuration. Keys and the values of headers are not in it."
WITH_SECRETS = "Modelhall's configuration. Keys and the values of headers are in it, sealed with a passphrase."


async def export_configuration(
    house: House, actor: Actor, *, form: Form = "toml", passphrase: str | None = None
) -> str:
    """Everything that a file can say, as it is. With a `passphrase` the secrets too, sealed with it.

    Whoever chooses the passphrase can read them, so that is the operator's alone.
    Raises RoleTooLow, BadRequest, MasterKeyMismatch.
    """
    require(actor, Role.ADMIN)
    if passphrase is not None:
        require_operator(actor)
    async with house.database.read() as connection:
        stock = await take_stock(connection, actor.organisation_id, house.clock())
    state = state_of(stock)
    whole: dict[str, Any] = {"modelhall": {"format": FORMAT, "whole": True}}
    for kind in KINDS:
        objects = state[kind.word]
        if kind.key is None:
            whole[kind.word] = {name: value for fields in objects.values() for name, value in fields.items()}
        elif objects:
            whole[kind.word] = [{kind.key: name, **_without_values(fields)} for name, fields in objects.items()]
    if passphrase is not None:
        whole["secrets"] = await _sealed(house, actor, stock, passphrase)
    return written(whole, form, HEAD if passphrase is None else WITH_SECRETS)


async def _sealed(house: House, actor: Actor, stock: Stock, passphrase: str) -> dict[str, Any]:
    """The secrets under the passphrase. That they went out stands in the audit."""
    secrets = secrets_of(house, stock.profiles)
    closed = sealed(secrets, passphrase)
    async with house.database.change(actor) as change:
        name = stock.organisation.slug if stock.organisation else ""
        await change.audit("file.export", "organisation", actor.organisation_id, name, after={"profiles": [*secrets]})
    return msgspec.to_builtins(closed)


def _without_values(fields: Any) -> dict[str, Any]:
    """Of headers only the names."""
    if "headers" not in fields:
        return dict(fields)
    return {name: value for name, value in fields.items() if name != "headers"} | {"header_names": [*fields["headers"]]}

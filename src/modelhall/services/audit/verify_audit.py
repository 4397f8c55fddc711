"""Checks that nobody changed, cut, moved or added to the audit."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from modelhall.domain.people import Actor, Organisation, Role
from modelhall.services.house import House
from modelhall.services.rights import require
from modelhall.services.words import wrong
from modelhall.storage import audit_check, organisations
from modelhall.storage.audit_check import AuditCheck

MOST = 100_000
NOTED = re.compile(r"([1-9][0-9]{0,14}):([0-9a-f]{64})")
WORDS: Mapping[str | None, str] = {
    None: "whole: {rows} changes, none was touched",
    audit_check.CHANGED: "the change {sequence} was altered afterwards",
    audit_check.MISSING: "the change {sequence} is gone",
    audit_check.MOVED: "the change {sequence} does not follow the one before it: changes were put in another order",
    audit_check.CUT: "the changes from {sequence} on were cut off",
    audit_check.INSERTED: "the change {sequence} was put in by somebody else than Modelhall",
    audit_check.REWRITTEN: "changes were written anew: they fit together, but not the end that was signed or noted",
    audit_check.FORGED: "the end of the audit is not signed by this house's key",
    audit_check.UNSIGNED: "whole as far as can be seen, but its end is not signed: so it is after an upgrade until the "
    "next change, and after a change without the master key",
    audit_check.UNCHECKED: "whole as far as can be seen, but without the master key its end cannot be checked",
}


@dataclass(frozen=True, slots=True)
class AuditVerdict:
    """What was found of one organisation's audit."""

    organisation: Organisation
    check: AuditCheck

    @property
    def words(self) -> str:
        """In one sentence."""
        return WORDS[self.check.fault].format(rows=self.check.rows, sequence=self.check.sequence)

    @property
    def end(self) -> str:
        """To be noted elsewhere, and handed in later: whoever brings back an old database cannot undo that."""
        return f"{self.check.rows}:{self.check.last_hash}"


async def verify_audit(house: House, actor: Actor, noted: str | None = None) -> Sequence[AuditVerdict]:
    """Of the actor's organisation; for the operator of every one. `noted`: an end as it was told before.

    Raises RoleTooLow, BadRequest.
    """
    require(actor, Role.ADMIN)
    known = _noted(noted)
    async with house.database.read() as connection:
        everything = await organisations.list_organisations(connection, limit=MOST)
        asked = [each for each in everything if actor.via == "operator" or each.id == actor.organisation_id]
        return [
            AuditVerdict(
                each,
                await audit_check.check_audit(
                    connection, each.id, house.vault.sign, known if each.id == actor.organisation_id else None
                ),
            )
            for each in asked
        ]


def _noted(text: str | None) -> tuple[int, str] | None:
    if text is None:
        return None
    found = NOTED.fullmatch(text)
    if found is None:
        raise wrong("noted", "must be an end as it was told before: a number, a colon and 64 hexadecimal digits")
    return int(found[1]), found[2]

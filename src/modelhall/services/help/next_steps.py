"""The next step after a refusal of the control API, by its reason or its code."""

from collections.abc import Mapping

BY_REASON: Mapping[str, str] = {
    "is_default": "Set another default first: `modelhall model default MODEL`.",
    "in_use": "Change what names it, as listed in `uses`; or have an admin do it with force.",
    "not_active": "Activate it first: `modelhall model activate MODEL`.",
    "quarantined": "See why with `modelhall model show MODEL`, and choose another one until it is released.",
    "built_in": "Deactivate its model instead: `modelhall model deactivate MODEL`.",
    "last_key": "Add another key first: `modelhall profile key add PROFILE --key -`.",
    "too_many": "Remove one first: `modelhall profile key remove PROFILE KEY`.",
    "ambiguous": "Name it by its id.",
    "has_evidence": "Withdraw it: `modelhall evidence withdraw FACT NAME`; then enter what holds at the new address.",
    "wider_than_parent": "See what holds: `modelhall policy show`; demand at least as much, or have it changed above.",
    "id_taken": "Remove the profile that has the id now, then restore the other.",
}
BY_CODE: Mapping[str, str] = {
    "no_key": "Send `Authorization: Bearer …` with a service key, or sign in.",
    "unknown_key": "Make a key: `modelhall key create NAME --role member`.",
    "key_expired": "Make a new key: `modelhall key create NAME`.",
    "session_over": "Sign in again; `modelhall status` prints a link.",
    "link_spent": "Get a new link: `modelhall status`.",
    "wrong_password": "Try again, or have the operator run `modelhall admin reset LOGIN`.",
    "weak_password": "Take four words by chance: 15 characters or more.",
    "too_many_guesses": "Wait as `Retry-After` says; the operator can run `modelhall admin reset LOGIN` at once.",
    "last_admin": "Make somebody else an admin first: `modelhall member role LOGIN admin`.",
    "set_up_needed": "Open the link in the server's log, or run `modelhall status` on its machine.",
    "token_refused": "Get a new token from the sign-in provider; the message says what is wrong with this one.",
    "sign_in_over": "Begin the sign-in again, and finish it in the same browser within ten minutes.",
    "not_a_member": "Have the operator link you: `modelhall sign-in link PROVIDER SUBJECT LOGIN`.",
    "sign_in_unavailable": "See what is wrong with the provider: `modelhall sign-in test PROVIDER`.",
    "role_too_low": "Ask an admin of your organisation, or use a key of a higher role.",
    "already_exists": "Choose another name, or change the one that is there.",
    "stale": "Read it again, then send the change with its new ETag.",
    "policy_refused": "See what is missing: `modelhall evidence show MODEL`; an admin can enter it, or choose another.",
    "model_not_found": "Take one of the nearest names, or see `modelhall model list`.",
    "provider_refused_key": "Test the connection: `modelhall profile test PROFILE`.",
    "provider_unreachable": "Test the connection: `modelhall profile test PROFILE`.",
    "provider_broke": "Test the connection: `modelhall profile test PROFILE`.",
    "provider_busy": "Wait as `Retry-After` says, or add a second key to the profile.",
    "deadline_exceeded": "Test the connection: `modelhall profile test PROFILE`.",
    "address_not_allowed": "If the address is yours, say yes: `modelhall profile edit PROFILE --allow-private`.",
    "key_missing": "Set the variable or file it names, or give a key: `modelhall profile edit PROFILE --key -`.",
    "master_key_mismatch": "Bring back the master key of this database; `modelhall doctor` says which is expected.",
    "database_unavailable": "See whether the database runs: `modelhall doctor`.",
}


def next_step(code: str, reason: object) -> str | None:
    """What to do after this refusal; `None` where its message says all."""
    found = BY_REASON.get(reason) if isinstance(reason, str) else None
    return found or BY_CODE.get(code)

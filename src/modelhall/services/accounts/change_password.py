"""Changes a person's own password, and signs them out everywhere else."""

from modelhall.domain.errors import BadRequest, NotFound, WrongPassword
from modelhall.domain.people import Actor
from modelhall.services.accounts.account_words import new_password, normal
from modelhall.services.accounts.guesses import guess, guessed_right
from modelhall.services.house import House
from modelhall.storage import members, sessions


async def change_password(house: House, actor: Actor, old: str | None, new: str) -> None:
    """Set the password of who is signed in; `old` may be left out by who has none yet.

    Raises BadRequest without a session, WeakPassword, WrongPassword, TooManyGuesses.
    """
    if actor.session_id is None or actor.account_id is None:
        raise BadRequest("only who is signed in can change their password; keys have none")
    async with house.database.read() as connection:
        account = await members.get_account(connection, actor.account_id)
    if account is None:
        raise NotFound("there is no such person any more")
    password = new_password(new, account.login, account.name)
    if account.password_hash is not None:
        await guess(house, account.login, None)
        if not await house.passwords.matches(account.password_hash, normal(old or "")):
            raise WrongPassword("the old password is wrong")
    kept = await house.passwords.hash(password)
    async with house.database.change(actor) as change:
        now = await members.get_account(change.connection, account.id)
        if now is None or now.password_hash != account.password_hash:
            raise WrongPassword("the password was changed in between; sign in again")
        await members.set_password(change.connection, account.id, kept)
        await guessed_right(change.connection, account.login, None)
        ended = await sessions.end_sessions_of_account(change.connection, account.id, but=actor.session_id)
        await change.audit("account.password", "account", account.id, account.id, after={"sessions_ended": ended})

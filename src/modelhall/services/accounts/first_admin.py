"""Makes the admin that the settings name, once, while no admin could sign in otherwise."""

from modelhall.domain.errors import SetupError, WeakPassword
from modelhall.domain.people import Role
from modelhall.services.accounts.account_words import login_of, new_password
from modelhall.services.house import House
from modelhall.storage import members

HOW = "set MODELHALL_ADMIN_EMAIL and MODELHALL_ADMIN_PASSWORD (or MODELHALL_ADMIN_PASSWORD_FILE) together, or neither"


async def first_admin(house: House, email: str | None, password: str | None) -> bool:
    """Whether one was made. Raises SetupError for half of the two settings, and for a password that is weak."""
    if email is None and password is None:
        return False
    if email is None or password is None:
        raise SetupError(f"one of two settings is missing: {HOW}")
    async with house.database.read() as connection:
        if await members.is_claimed(connection):
            return False
    try:
        login, good = login_of(email), new_password(password, email)
    except WeakPassword as error:
        raise SetupError(f"MODELHALL_ADMIN_PASSWORD: {error.message}") from error
    kept = await house.passwords.hash(good)
    async with house.database.change(house.operator) as change:
        connection = change.connection
        if await members.is_claimed(connection) or await members.account_by_login(connection, login) is not None:
            change.nothing()
            return False
        mail = login if "@" in login else None
        account = await members.insert_account(connection, login=login, name=login, email=mail, password_hash=kept)
        place = house.operator.organisation_id
        member = await members.insert_member(connection, organisation_id=place, account=account, role=Role.ADMIN)
        await change.audit("member.add", "member", member.id, member.id, after={"role": Role.ADMIN})
    return True

"""Failures of SQL libraries, told in the house's own words."""

from collections.abc import Generator, Mapping
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolExhausted

from modelhall.domain.errors import AlreadyExists, Conflict, DatabaseUnavailable, ModelhallError

NOUNS: Mapping[str, str] = {
    "accounts": "account",
    "aliases": "alias",
    "collections": "collection",
    "keys": "key",
    "library_models": "model",
    "members": "member",
    "organisations": "organisation",
    "profiles": "profile",
    "projects": "project",
    "tags": "tag",
}

# serialization_failure, deadlock_detected
AGAIN = frozenset({"40001", "40P01"})
# connection_exception, insufficient_resources, operator_intervention, system_error
UNAVAILABLE_CLASSES = ("08", "53", "57", "58")
# read_only_sql_transaction: after a fail-over the old address may answer, but not write.
READ_ONLY = "25006"


@contextmanager
def translated() -> Generator[None]:
    """Inside, what a SQL library raises becomes AlreadyExists, Conflict or DatabaseUnavailable; our own faults stay."""
    try:
        yield
    except SQLAlchemyError as error:
        told = as_told(error)
        if told is None:
            raise
        raise told from error


def as_told(error: SQLAlchemyError) -> ModelhallError | None:
    """The house's error for it; `None` when it is a fault of our own SQL."""
    if isinstance(error, PoolExhausted):
        return DatabaseUnavailable("All connections to the database are in use.", retry_after_s=1)
    if isinstance(error, IntegrityError):
        return _integrity(error)
    if isinstance(error, DBAPIError) and (is_transient(error) or _is_unavailable(error)):
        return DatabaseUnavailable(f"The database does not answer: {error.orig}".rstrip("."), retry_after_s=1)
    return None


def is_transient(error: SQLAlchemyError) -> bool:
    """Whether the same transaction may well succeed if it is run again."""
    return isinstance(error, DBAPIError) and _state(error) in AGAIN


def _is_unavailable(error: DBAPIError) -> bool:
    state = _state(error)
    if state:
        return state.startswith(UNAVAILABLE_CLASSES) or state == READ_ONLY
    return error.connection_invalidated or isinstance(error, OperationalError | InterfaceError)


def _integrity(error: IntegrityError) -> ModelhallError:
    text = str(error.orig)
    if _state(error) == "23505" or "UNIQUE constraint failed" in text:
        noun = next(
            (noun for table, noun in NOUNS.items() if f"failed: {table}." in text or f"_{table}_" in text), None
        )
        what = f"{'An' if noun[0] in 'aeo' else 'A'} {noun} of that name" if noun else "That"
        return AlreadyExists(f"{what} exists already.")
    return Conflict("Another row still refers to this one, or the one it refers to is gone.")


def _state(error: DBAPIError) -> str:
    """The five-letter SQLSTATE; empty on SQLite."""
    return getattr(error.orig, "sqlstate", None) or ""

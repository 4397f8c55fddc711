"""Every failure of the house, in one tree; each class carries what the caller should decide by.

ModelhallError
├── BadRequest                  400  the request cannot be understood
│   ├── TwoKeys                 400  two different keys in one request
│   ├── TooSlow                 408  the request did not arrive in time
│   ├── NoSuchMethod            405  a method that no path here has
│   ├── DialectNotSpoken        400  the target does not speak the caller's shape
│   ├── Unsupported             400  the target cannot do what the call asks
│   └── WeakPassword            400  the password could be guessed
├── Unauthenticated             401  no identity
│   ├── UnknownKey              401  no such key
│   ├── KeyExpired              401  the key's time is over
│   ├── SessionOver             401  the session has ended
│   ├── LinkSpent               401  the one-time link is used up or too old
│   ├── WrongPassword           401  no such login, or not its password
│   ├── AccessEnded             401  the right to a call was taken away while it was under way
│   ├── TokenRefused            401  a sign-in provider's token is not taken
│   └── SignInOver              401  the sign-in was finished, given up, or begun elsewhere
├── BudgetExceeded              402  a money cap is reached
├── Unpriced                    402  no known price, so no hard budget can hold
├── Forbidden                   403  known, but not allowed
│   ├── RoleTooLow              403  the role does not allow it
│   ├── ModelInactive           403  the model is not switched on
│   ├── ModelQuarantined        403  the model is held back for a reason
│   ├── PolicyRefused           403  a policy demands what the model has no evidence for
│   ├── ForeignOrigin           403  a browser page of another origin asked
│   └── NotAMember              403  known to a sign-in provider, but has no place here
├── NotFound                    404  nothing by that name
│   └── UnknownModel            404  no such model for this caller
├── Conflict                    409  the state of the thing forbids it
│   ├── AlreadyExists           409  the name is taken
│   ├── LastAdmin               409  nobody would be left who may change anything
│   └── OtherRequest            422  the Idempotency-Key was used for another request
├── Stale                       412  someone changed it in between
├── TooLarge                    413  more bytes than allowed
│   ├── PathTooLong             414  the path with its query is too long
│   └── HeadersTooLarge         431  too many headers, or too long ones
├── TooMany                     429  more requests than allowed
│   └── TooManyGuesses          429  wrong passwords in a row
├── ProviderError               502  the provider is at fault
│   ├── ProviderUnreachable     502  no connection
│   ├── ProviderBroke           502  an answer that makes no sense
│   ├── ProviderHungUp          502  the connection ended before an answer
│   ├── ProviderCut             502  the answer stopped in the middle
│   ├── ProviderRefusedKey      502  the provider does not take our key
│   ├── ProviderLacksModel      502  the provider no longer has the model
│   ├── ProviderRefused         400  the provider refused the request itself
│   └── ProviderBusy            429  the provider asked us to slow down
├── OwnTrouble                  503  the house is at fault
│   ├── DatabaseUnavailable     503  the database does not answer
│   ├── JournalUnavailable      503  usage cannot be written down
│   ├── MasterKeyMismatch       503  the master key is not this database's
│   ├── EngineStarting          503  the built-in model is not ready yet
│   ├── EngineFailed            503  the built-in model cannot start
│   ├── KeyMissing              503  the profile has no key
│   ├── AddressNotAllowed       503  the profile's address may not be called
│   ├── NothingToCall           503  no key is there, or no model is active
│   ├── SignInUnavailable       503  the sign-in provider does not answer as it should
│   ├── NotReady                503  starting or stopping
│   ├── SetUpNeeded             503  nobody has signed in yet to a server that others can reach
│   └── Overloaded              503  too many calls at once
├── DeadlineExceeded            504  the provider took too long
└── SetupError                  500  the process cannot start as asked
"""

from modelhall.domain.errors.base import Elsewhere as Elsewhere
from modelhall.domain.errors.base import ModelhallError as ModelhallError
from modelhall.domain.errors.providers import ProviderBroke as ProviderBroke
from modelhall.domain.errors.providers import ProviderBusy as ProviderBusy
from modelhall.domain.errors.providers import ProviderCut as ProviderCut
from modelhall.domain.errors.providers import ProviderError as ProviderError
from modelhall.domain.errors.providers import ProviderHungUp as ProviderHungUp
from modelhall.domain.errors.providers import ProviderLacksModel as ProviderLacksModel
from modelhall.domain.errors.providers import ProviderRefused as ProviderRefused
from modelhall.domain.errors.providers import ProviderRefusedKey as ProviderRefusedKey
from modelhall.domain.errors.providers import ProviderUnreachable as ProviderUnreachable


class BadRequest(ModelhallError):
    """The request cannot be understood; it says what is wrong where."""

    code, status = "bad_request", 400


class TwoKeys(BadRequest):
    """The request carries two different keys, so it is not clear who is asking."""

    code = "two_keys"


class TooSlow(BadRequest):
    """The request's body did not arrive in time."""

    code, status = "too_slow", 408


class NoSuchMethod(BadRequest):
    """The request has a method that no path here has."""

    code, status = "no_such_method", 405


class DialectNotSpoken(BadRequest):
    """The target does not speak the shape in which the request came."""

    code = "dialect_not_spoken"


class Unsupported(BadRequest):
    """The target cannot do what the call asks."""

    code = "unsupported"


class WeakPassword(BadRequest):
    """The password could be guessed; the message says what a good one is like."""

    code = "weak_password"


class Unauthenticated(ModelhallError):
    """The request carries no identity."""

    code, status = "no_key", 401


class UnknownKey(Unauthenticated):
    """No such key, or it was deleted."""

    code = "unknown_key"


class KeyExpired(Unauthenticated):
    """The key's time is over."""

    code = "key_expired"


class SessionOver(Unauthenticated):
    """The session has ended; sign in again."""

    code = "session_over"


class LinkSpent(Unauthenticated):
    """The one-time link was used already or is too old; ask for a new one."""

    code = "link_spent"


class WrongPassword(Unauthenticated):
    """There is no such login, or this is not its password: which of the two is not told."""

    code = "wrong_password"


class AccessEnded(Unauthenticated):
    """The key was deleted, or its member removed or disabled, while the call was under way."""

    code, attempted = "access_ended", True


class TokenRefused(Unauthenticated):
    """A sign-in provider's token is not taken: forged, too old, for somebody else, or not as it must be."""

    code = "token_refused"


class SignInOver(Unauthenticated):
    """This sign-in was finished, given up, took too long, or was begun in another browser; begin again."""

    code = "sign_in_over"


class BudgetExceeded(ModelhallError):
    """A money cap leaves too little for this call. Trying again does not help until someone raises it."""

    code, status = "budget_exceeded", 402


class Unpriced(ModelhallError):
    """The model has no known price, so a hard budget cannot hold it."""

    code, status = "unpriced", 402


class Forbidden(ModelhallError):
    """The identity is known, but may not do this."""

    code, status = "forbidden", 403


class RoleTooLow(Forbidden):
    """The role of this identity does not allow it."""

    code = "role_too_low"


class ModelInactive(Forbidden):
    """The model is in the library, but not switched on."""

    code = "model_inactive"


class ModelQuarantined(Forbidden):
    """The model is held back; the reason is in the message."""

    code = "model_quarantined"


class PolicyRefused(Forbidden):
    """A policy of the organisation, project or key demands what is not known of the model; enter the evidence."""

    code = "policy_refused"


class ForeignOrigin(Forbidden):
    """A browser sent this from a page of another origin."""

    code = "foreign_origin"


class NotAMember(Forbidden):
    """A sign-in provider knows this person, but nobody gave them a place here."""

    code = "not_a_member"


class NotFound(ModelhallError):
    """Nothing by that name, or nothing that this identity may see."""

    code, status = "not_found", 404


class UnknownModel(NotFound):
    """No such model for this caller; the nearest names are in the message."""

    code = "model_not_found"


class Conflict(ModelhallError):
    """The state of the thing forbids it; the reason is in the message."""

    code, status = "conflict", 409


class AlreadyExists(Conflict):
    """The name is taken."""

    code = "already_exists"


class LastAdmin(Conflict):
    """The organisation would be left without an admin; make somebody else one first."""

    code = "last_admin"


class OtherRequest(Conflict):
    """The Idempotency-Key was used for another request; use a new one."""

    code, status = "idempotency_key_reused", 422


class Stale(ModelhallError):
    """Someone changed it since it was read; read it again."""

    code, status = "stale", 412


class TooLarge(ModelhallError):
    """More bytes than allowed."""

    code, status = "too_large", 413


class PathTooLong(TooLarge):
    """The path of the request with its query is too long."""

    code, status = "path_too_long", 414


class HeadersTooLarge(TooLarge):
    """The request has too many headers, or too long ones."""

    code, status = "headers_too_large", 431


class TooMany(ModelhallError):
    """More requests than allowed at this time."""

    code, status, retryable = "too_many", 429, True


class TooManyGuesses(TooMany):
    """Too many wrong passwords for this login or from this address; wait, then try again."""

    code = "too_many_guesses"


class OwnTrouble(ModelhallError):
    """The house is at fault, never the caller."""

    code, status, retryable = "own_trouble", 503, True


class DatabaseUnavailable(OwnTrouble):
    """The database does not answer."""

    code = "database_unavailable"


class JournalUnavailable(OwnTrouble):
    """Usage cannot be written down, so no call is made."""

    code = "journal_unavailable"


class MasterKeyMismatch(OwnTrouble):
    """The master key is not the one that this database was written with."""

    code, retryable = "master_key_mismatch", False


class EngineStarting(OwnTrouble):
    """The built-in model is being fetched or loaded; the message says how far it is."""

    code = "engine_starting"
    elsewhere = Elsewhere.TARGET


class EngineFailed(OwnTrouble):
    """The built-in model cannot be fetched or started; the message says why and what to do."""

    code, retryable = "engine_failed", False
    elsewhere = Elsewhere.TARGET


class KeyMissing(OwnTrouble):
    """The profile has no key to call its provider with."""

    code, retryable = "key_missing", False
    elsewhere = Elsewhere.TARGET


class AddressNotAllowed(OwnTrouble):
    """The profile's address is private and not on the allow-list, or is never allowed."""

    code, retryable = "address_not_allowed", False
    elsewhere = Elsewhere.TARGET


class NothingToCall(OwnTrouble):
    """No model can be offered: none is active in a profile that has its key."""

    code = "nothing_to_call"


class SignInUnavailable(OwnTrouble):
    """The sign-in provider does not answer, or not as it should; the reason is in the log."""

    code = "sign_in_unavailable"


class NotReady(OwnTrouble):
    """The process is starting or stopping."""

    code = "not_ready"


class SetUpNeeded(OwnTrouble):
    """Others can reach the server and nobody has signed in yet: use the link in its log."""

    code, retryable = "set_up_needed", False


class Overloaded(OwnTrouble):
    """More calls at once than this process takes."""

    code = "overloaded"


class DeadlineExceeded(ModelhallError):
    """The provider did not answer in time."""

    code, status, retryable, attempted = "deadline_exceeded", 504, True, True
    elsewhere = Elsewhere.TARGET


class SetupError(ModelhallError):
    """The process cannot start as asked; the message says what to change."""

    code = "setup_error"

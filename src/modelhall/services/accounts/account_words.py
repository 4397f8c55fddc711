"""What logins and passwords are like: one spelling for each, and no password that is easily guessed."""

import re
from itertools import pairwise
from unicodedata import normalize

from modelhall.domain.errors import WeakPassword
from modelhall.services.words import wrong

SHORTEST, LONGEST = 15, 256
"""Characters; a password is the only factor, so NIST SP 800-63B-4 (2025) asks for 15 at least."""
LONGEST_LOGIN = 200
RESERVED = "erased:"
ADVICE = (
    "take 15 characters or more that nobody guesses, such as four words by chance; no signs or digits are asked for"
)
_COMMON = ("password", "passwort", "letmein", "welcome", "iloveyou", "administrator", "modelhall", "changeme", "admin")
_ROWS = ("01234567890", "abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm", "qwertzuiopasdfghjklyxcvbnm")


def folded(login: str) -> str:
    """The one spelling of a login, however it was typed."""
    return normalize("NFKC", normalize("NFKC", login).strip().casefold())


def login_of(text: str) -> str:
    """A login as it is kept. Raises BadRequest."""
    login = folded(text)
    if not 1 <= len(login) <= LONGEST_LOGIN or not login.isprintable() or re.search(r"[\s/]", login):
        raise wrong("login", f"must be 1 to {LONGEST_LOGIN} printable characters without spaces and slashes")
    if login.startswith(RESERVED):
        raise wrong("login", f"must not begin with {RESERVED}")
    return login


def normal(password: str) -> str:
    """The one spelling of a password: what looks the same on two keyboards is the same."""
    return normalize("NFKC", password)


def new_password(text: str, *about: str) -> str:
    """A password as it is hashed. `about`: words by which others know the person. Raises WeakPassword."""
    password = normal(text)
    if len(password) > LONGEST:
        raise WeakPassword(f"the password is longer than {LONGEST} characters")
    if "\x00" in password or any("\ud800" <= sign <= "\udfff" for sign in password):
        raise WeakPassword("the password holds a character that cannot be typed")
    if len(password) < SHORTEST:
        raise WeakPassword(f"the password is too short: {ADVICE}")
    if _is_guessed(password.casefold(), [word.casefold() for each in about for word in (each, each.partition("@")[0])]):
        raise WeakPassword(f"the password is among the first that are tried: {ADVICE}")
    return password


def _is_guessed(password: str, about: list[str]) -> bool:
    """Whether little is left of it without well-known words, rows of the keyboard and repetitions."""
    rest = password
    for word in sorted({*_COMMON, *(each for each in about if len(each) >= 4)}, key=len, reverse=True):
        rest = rest.replace(word, "")
    steps = sum(not _is_next(left, right) for left, right in pairwise(rest))
    return len(set(rest)) < 5 or steps < 5


def _is_next(left: str, right: str) -> bool:
    return left == right or any(left + right in row or right + left in row for row in _ROWS)

"""What is asked of a sign-in provider's servers: through the connector, within bounds, and no redirect is followed."""

from collections.abc import Mapping
from urllib.parse import urlencode

from modelhall.domain.errors import AddressNotAllowed, DeadlineExceeded, ModelhallError, SignInUnavailable
from modelhall.domain.sign_in import SignInProvider
from modelhall.gateway.outgoing import Endpoint, endpoint_of, request_to
from modelhall.gateway.upstream import Deadlines
from modelhall.services.house import House
from modelhall.services.sign_in.strange_json import strange_object

DEADLINES = Deadlines(connect=5, first_byte=10, idle=5, total=15)
MOST_BYTES = 512 * 1024
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
FORM = "application/x-www-form-urlencoded"


async def get_object(house: House, provider: SignInProvider, url: str) -> Mapping[str, object]:
    """The JSON object at that address. Raises SignInUnavailable."""
    status, body = await _ask(house, provider, url, {"accept": "application/json"}, None)
    if status != 200:
        raise unavailable(provider, f"{_place(url)} answered {status}")
    return _object(provider, url, body)


async def post_form(
    house: House, provider: SignInProvider, url: str, fields: Mapping[str, str], headers: Mapping[str, str]
) -> tuple[int, Mapping[str, object]]:
    """Status and JSON object of the answer to a form. Raises SignInUnavailable."""
    told = {"accept": "application/json", "content-type": FORM, **headers}
    status, body = await _ask(house, provider, url, told, urlencode(fields).encode())
    if status >= 500 or 300 <= status < 400:
        raise unavailable(provider, f"{_place(url)} answered {status}")
    return status, _object(provider, url, body)


def endpoint_for(house: House, provider: SignInProvider, url: str) -> Endpoint:
    """The server that an address means. Private ones are called where the operator named them: as the issuer, or in
    `allow_private`. Raises SignInUnavailable for what is neither TLS nor on this machine."""
    try:
        issuer, endpoint = endpoint_of(provider.issuer)[0], endpoint_of(url)[0]
    except ModelhallError:
        raise unavailable(provider, "it names an address that can not be called") from None
    if endpoint.scheme != "https" and not (endpoint.host in LOOPBACK and issuer.host in LOOPBACK):
        raise unavailable(provider, f"{endpoint.origin} is not https")
    own = (endpoint.host, endpoint.port) == (issuer.host, issuer.port)
    return endpoint._replace(
        private_allowed=own or f"{endpoint.host}:{endpoint.port}" in house.sign_in.private_addresses
    )


def unavailable(provider: SignInProvider, why: str) -> SignInUnavailable:
    """The provider cannot be used now."""
    return SignInUnavailable(f"signing in by {provider.name} does not work now: {why}", retry_after_s=30)


async def _ask(
    house: House, provider: SignInProvider, url: str, headers: Mapping[str, str], body: bytes | None
) -> tuple[int, bytes]:
    allowed = endpoint_for(house, provider, url).private_allowed
    try:
        request = request_to(url, headers, body, private_allowed=allowed)
        async with house.upstream.send(request, DEADLINES) as answer:
            answer.refuse_coding()
            return answer.status, await answer.whole(MOST_BYTES)
    except AddressNotAllowed as error:
        raise unavailable(provider, f"{_place(url)} is a private address; name it in `allow_private`") from error
    except DeadlineExceeded as error:
        raise unavailable(provider, f"{_place(url)} stays silent") from error
    except ModelhallError as error:
        raise unavailable(provider, f"{_place(url)}: {error.message}") from error


def _object(provider: SignInProvider, url: str, body: bytes) -> Mapping[str, object]:
    try:
        return strange_object(body)
    except ValueError as error:
        raise unavailable(provider, f"{_place(url)} does not answer with JSON: {error}") from None


def _place(url: str) -> str:
    """The address without what may be secret in it."""
    return url.partition("?")[0][:200]

"""Lists the sign-in providers."""

from collections.abc import Sequence
from dataclasses import dataclass

from modelhall.domain.people import Actor
from modelhall.domain.sign_in import SignInProvider
from modelhall.services.house import House
from modelhall.services.rights import require_operator
from modelhall.services.sign_in.issuer import ask_issuer


@dataclass(frozen=True, slots=True)
class ProviderState:
    """A provider, as its operator sees it."""

    provider: SignInProvider
    redirect_uri: str


def list_providers(house: House) -> Sequence[SignInProvider]:
    """Those that anybody may choose from, in the operator's order."""
    return tuple(house.sign_in.providers.values())


async def try_provider(house: House, actor: Actor, provider_id: str) -> ProviderState:
    """Asks the provider for its addresses and keys. Raises RoleTooLow, NotFound, SignInUnavailable with the cause."""
    require_operator(actor)
    provider = house.sign_in.named(provider_id)
    await ask_issuer(house, provider, house.clock())
    return ProviderState(provider, house.sign_in.redirect_uri(provider))

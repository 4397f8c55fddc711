"""Lists the vendors and servers that the house knows, and shows one."""

from dataclasses import dataclass

from modelhall.domain.errors import BadRequest, NotFound
from modelhall.domain.people import Actor, Role
from modelhall.providers.provider import Provider
from modelhall.providers.registry import provider_named
from modelhall.services.house import House
from modelhall.services.pages import USUAL, Page, page_after
from modelhall.services.rights import require


@dataclass(frozen=True, slots=True)
class ProviderView:
    """One provider."""

    provider: Provider
    dialects: tuple[str, ...]


def list_providers(house: House, actor: Actor, *, after: str | None = None, limit: int = USUAL) -> Page[ProviderView]:
    """A page of the registry, by name. Raises RoleTooLow."""
    require(actor, Role.VIEWER)
    page = page_after(sorted(house.providers), after, limit, str)
    return Page([_view(house.providers[name]) for name in page.items], page.next)


def show_provider(house: House, actor: Actor, name: str) -> ProviderView:
    """The provider of that name or alias. Raises RoleTooLow, NotFound with the nearest names."""
    require(actor, Role.VIEWER)
    try:
        return _view(provider_named(name, house.providers))
    except BadRequest as error:
        raise NotFound(error.message, details=error.details) from None


def _view(provider: Provider) -> ProviderView:
    return ProviderView(provider, tuple(dialect.NAME for dialect in provider.speaks))

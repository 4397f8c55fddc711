"""Status, providers, settings, and the built-in model."""

from fastapi import APIRouter

from modelhall.api.identity import Acting, Here
from modelhall.api.parameters import DEFAULT_LIMIT, After, Limit
from modelhall.api.policy import policy
from modelhall.api.shapes.house import (
    EngineShape,
    ProviderPage,
    ProviderShape,
    SettingsShape,
    StatusShape,
    engine_of,
    provider_of,
    provider_page,
    setting_of,
    status_of,
)
from modelhall.services.providers.list_providers import list_providers, show_provider
from modelhall.services.status.local_engine import install_engine, show_engine
from modelhall.services.status.show_settings import show_settings
from modelhall.services.status.show_status import show_status

router = APIRouter(tags=["house"])


@router.get("/status", summary="Say how the house is", **policy("viewer"))
async def status(house: Here, actor: Acting) -> StatusShape:
    """Its parts, what it holds, its profiles' keys, and what deserves a look."""
    return status_of(await show_status(house, actor))


@router.get("/providers", summary="List providers", **policy("viewer", objects="everybody's"))
async def providers(house: Here, actor: Acting, after: After = None, limit: Limit = DEFAULT_LIMIT) -> ProviderPage:
    """The vendors and servers that this version knows."""
    return provider_page(list_providers(house, actor, after=after, limit=limit))


@router.get("/providers/{name}", summary="Show a provider", **policy("viewer", objects="everybody's"))
async def provider(house: Here, actor: Acting, name: str) -> ProviderShape:
    """By its name or another name it goes by."""
    return provider_of(show_provider(house, actor, name))


@router.get("/settings", summary="List process settings", **policy("admin", objects="the process's"))
async def settings(house: Here, actor: Acting) -> SettingsShape:
    """As they are in force, each with where it comes from; secrets hidden."""
    return SettingsShape(items=[setting_of(each) for each in show_settings(house, actor)])


@router.get("/local", summary="Say how the built-in model is", **policy("viewer", objects="the process's"))
async def engine(house: Here, actor: Acting) -> EngineShape:
    """State and progress."""
    return engine_of(show_engine(house, actor))


@router.post(
    "/local/install",
    summary="Fetch the built-in model",
    status_code=202,
    **policy("admin", objects="the process's", audit="engine.install"),
)
async def installed(house: Here, actor: Acting) -> EngineShape:
    """Beside everything else; ask for its state to see the progress."""
    return engine_of(await install_engine(house, actor))

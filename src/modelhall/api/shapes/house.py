"""Status, providers, audit, settings and the operator's own, on the wire."""

from typing import Annotated, Literal

from pydantic import Field

from modelhall.api.shapes.base import Body, Moment, PageShape, Secret, Shape
from modelhall.domain.privacy import Fact
from modelhall.services.house import Setting
from modelhall.services.pages import Page
from modelhall.services.providers.list_providers import ProviderView
from modelhall.services.status.local_engine import EngineStatus
from modelhall.services.status.onboarding import Step
from modelhall.services.status.show_status import Status


class EngineShape(Shape):
    """The built-in model."""

    state: Literal["missing", "fetching", "loading", "ready", "failed"]
    words: str
    model: str
    fetched_bytes: int
    total_bytes: int | None
    restarts: int
    error: str | None


class CountsShape(Shape):
    """How much the library holds."""

    profiles: int
    models: int
    active_models: int
    keys: int


class ProfileStateShape(Shape):
    """Whether a profile has its key."""

    id: str
    provider: str
    key: str


class StepShape(Shape):
    """One step on the way; `optional`: models can be called without it."""

    id: str
    done: bool
    words: str
    command: str
    optional: bool


class StatusShape(Shape):
    """How the house is; null where only the database knows and does not answer."""

    version: str
    started_at: Moment
    ready: bool
    parts: dict[str, str]
    database: str
    data: str
    durability: str
    change_number: int | None
    unfolded: int | None
    engine: EngineShape
    counts: CountsShape | None
    profiles: list[ProfileStateShape]
    warnings: list[str]
    next: StepShape | None


class LinksShape(Shape):
    """Pages of the vendor; empty where there is none."""

    keys: str
    docs: str
    status: str
    pricing: str


class PrivacyShape(Shape):
    """What a vendor's own page says of data, with the day it was read."""

    subject: Fact
    value: bool | list[str]
    says: str
    address: str
    read_on: str


class ProviderShape(Shape):
    """A kind of vendor or server; `origin` null: every profile gives its own base URL."""

    name: str
    title: str
    origin: str | None
    dialects: list[str]
    auth: str
    key_optional: bool
    key_env: list[str]
    base_url_env: list[str]
    base_url_hint: str
    lists_models: bool
    links: LinksShape
    privacy: list[PrivacyShape]
    free: bool
    local: bool
    needs_more: str


class ProviderPage(PageShape):
    """A page of providers."""

    items: list[ProviderShape]


class SettingShape(Shape):
    """One process setting as it is in force."""

    name: str
    value: object
    source: str
    variable: str


class SettingsShape(Shape):
    """All process settings."""

    items: list[SettingShape]


class RotateRequest(Body):
    """A new master key, only where the key comes from the environment."""

    new_key: Annotated[Secret | None, Field(description="64 hexadecimal digits.")] = None


class LinkShape(Shape):
    """A one-time code; the address it belongs behind is known to whoever asks."""

    link: str


class RotatedShape(Shape):
    """The master key's new version."""

    version: int


def engine_of(status: EngineStatus) -> EngineShape:
    """The built-in model, as it goes out."""
    return EngineShape(
        state=status.state,
        words=status.words(),
        model=status.model,
        fetched_bytes=status.fetched_bytes,
        total_bytes=status.total_bytes,
        restarts=status.restarts,
        error=status.error,
    )


def step_of(step: Step) -> StepShape:
    """A step as it goes out."""
    return StepShape(id=step.id, done=step.done, words=step.words, command=step.command, optional=step.optional)


def status_of(status: Status) -> StatusShape:
    """How the house is, as it goes out."""
    vitals, counts = status.vitals, status.counts
    return StatusShape(
        version=vitals.version,
        started_at=vitals.started_at,
        ready=vitals.ready,
        parts=dict(vitals.parts),
        database=status.database,
        data=status.data,
        durability=vitals.durability,
        change_number=status.change_number,
        unfolded=vitals.unfolded,
        engine=engine_of(status.engine),
        counts=counts
        and CountsShape(
            profiles=counts.profiles, models=counts.models, active_models=counts.active_models, keys=counts.keys
        ),
        profiles=[ProfileStateShape(id=each.id, provider=each.provider, key=each.key) for each in status.profiles],
        warnings=list(status.warnings),
        next=None if status.next is None else step_of(status.next),
    )


def provider_of(view: ProviderView) -> ProviderShape:
    """A provider, as it goes out."""
    provider = view.provider
    links = provider.links
    return ProviderShape(
        name=provider.name,
        title=provider.title,
        origin=provider.origin,
        dialects=list(view.dialects),
        auth=provider.auth,
        key_optional=provider.key_optional,
        key_env=list(provider.key_env),
        base_url_env=list(provider.base_url_env),
        base_url_hint=provider.base_url_hint,
        lists_models=provider.discovery is not None,
        links=LinksShape(keys=links.keys, docs=links.docs, status=links.status, pricing=links.pricing),
        privacy=[
            PrivacyShape(
                subject=fact.subject,
                value=list(fact.value) if isinstance(fact.value, tuple) else fact.value,
                says=fact.says,
                address=fact.address,
                read_on=fact.read_on,
            )
            for fact in provider.privacy
        ],
        free=provider.free,
        local=provider.local,
        needs_more=provider.needs_more,
    )


def provider_page(page: Page[ProviderView]) -> ProviderPage:
    """A page as it goes out."""
    return ProviderPage(items=[provider_of(view) for view in page.items], next=page.next)


def setting_of(setting: Setting) -> SettingShape:
    """A setting, as it goes out."""
    return SettingShape(name=setting.name, value=setting.value, source=setting.source, variable=setting.variable)

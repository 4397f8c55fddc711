"""Models, their prices and what a sync did, on the wire."""

from decimal import Decimal
from typing import Annotated, Any, Literal, Optional, cast

from pydantic import ConfigDict, Field, StrictFloat, StrictInt, create_model

from modelhall.api.shapes.base import Body, Moment, PageShape, PerMillion, Shape, Text, Usd
from modelhall.api.shapes.evidence import EvidenceShape, FactName, evidence_of
from modelhall.api.shapes.stored_values import GivenValues, StoredValues
from modelhall.domain.library import Told
from modelhall.domain.price_units import Unit, in_unit
from modelhall.domain.prices import PriceSheet, Rate
from modelhall.domain.usage import TOKEN_CLASSES, USAGE_CLASSES
from modelhall.services.models.edit_model import ModelEdit
from modelhall.services.models.given_prices import is_base
from modelhall.services.models.model_view import ModelView, Parameter, TakenModel
from modelhall.services.models.sync_models import SyncOutcome
from modelhall.services.pages import Page

Bound = Annotated[StrictInt | StrictFloat, Field(ge=-(10**12), le=10**12, allow_inf_nan=False)]


class ParameterBody(Body):
    """What you know of a parameter; an absent field stays, null = unknown."""

    taken: Annotated[bool | None, Field(description="Whether the model takes it; else it is left out.")] = None
    min: Annotated[Bound | None, Field(description="The least value that is taken; a smaller one becomes it.")] = None
    max: Annotated[Bound | None, Field(description="The greatest; a greater one becomes it.")] = None
    sent_as: Annotated[Text | None, Field(description="The name that the model wants, in OpenAI's chat.")] = None


class FactsBody(Body):
    """What you know better than the provider and the catalog; null forgets it, and what they say counts again."""

    context_window: StrictInt | None = None
    max_input: StrictInt | None = None
    max_output: StrictInt | None = None
    knowledge_cutoff: Annotated[Text | None, Field(description="A month or a date.")] = None
    retires_on: Annotated[Text | None, Field(description="The date after which it is no longer served.")] = None


class ModelPatch(Body):
    """What is to change; an absent field stays."""

    active: bool = False
    hidden: bool = False
    title: Text = ""
    notes: Text | None = None
    category: Annotated[Text | None, Field(description="Your own word for what it is for, such as `budget`.")] = None
    tags: Annotated[list[Text], Field(description="All that it is to carry.")] = []
    quarantined_because: Annotated[
        Text | None, Field(description="Holds it back for this reason; null releases it. For admins.")
    ] = None
    successor: Annotated[Text | None, Field(description="`profile/model-id` of the one that is to follow it.")] = None
    defaults: GivenValues = {}
    parameters: Annotated[
        dict[str, ParameterBody | None], Field(description="By name; null forgets what you said of one.")
    ] = {}
    facts: FactsBody = FactsBody()

    def edit(self) -> ModelEdit:
        """As the service knows it: only what was sent."""
        sent: dict[str, Any] = {name: getattr(self, name) for name in self.model_fields_set}
        if "parameters" in sent:
            wishes = self.parameters.items()
            sent["parameters"] = {name: wish and wish.model_dump(exclude_unset=True) for name, wish in wishes}
        if "facts" in sent:
            sent["facts"] = self.facts.model_dump(exclude_unset=True)
        return ModelEdit(**sent)


class DefaultModel(Body):
    """The model that is to be the default."""

    model: Text


class SyncRequest(Body):
    """Which models of a profile to bring in."""

    models: Annotated[
        list[Text] | None, Field(description="The provider's own names; absent: all that the provider lists.")
    ] = None
    activate: Annotated[
        bool | None, Field(description="Switch them on too; absent: as the library's setting says.")
    ] = None


class RateShape(Shape):
    """The price of one usage class under one set of conditions; `usd_per_million` null = unknown."""

    usage_class: str
    usd_per_million: PerMillion | None
    usd_per_1k: Annotated[Usd | None, Field(description="The same price for a thousand.")]
    usd_per_token: Annotated[Usd | None, Field(description="The same price for one.")]
    context_over: int
    service_tier: str
    utc_hours: tuple[int, int] | None


class PassportShape(Shape):
    """Where a price comes from."""

    unit: str
    source: str
    as_of: str
    entered_by: str | None
    disagreeing: list[str]


class PriceShape(Shape):
    """The price in force: the usual two rates, and all of them."""

    id: str
    valid_from: Moment
    input_per_mtok: PerMillion | None
    output_per_mtok: PerMillion | None
    rates: list[RateShape]
    passport: PassportShape


class HealthShape(Shape):
    """How the model did in the last 30 minutes; `uptime` from 0 to 1."""

    state: Literal["operational", "degraded", "down", "no_data"]
    uptime: float | None
    attempts: int
    as_of: Moment | None


class SourceShape(Shape):
    """Where a fact comes from."""

    source: str
    as_of: str | None
    disagreeing: list[str]


class ParameterShape(Shape):
    """What is known of a parameter; null = unknown, and then it goes as it was written."""

    taken: bool | None
    min: int | float | None
    max: int | float | None
    sent_as: str | None
    only_without_effort: Annotated[bool, Field(description="Left out of a request that asks for thinking.")]
    sources: Annotated[list[SourceShape], Field(description="The one that counts most first.")]
    page: Annotated[str | None, Field(description="Where it is documented.")]


class ModelShape(Shape):
    """A model of the library; null = unknown."""

    model_config = ConfigDict(frozen=True, protected_namespaces=())

    name: Annotated[str, Field(description="`profile/model-id`: the name that always means this model.")]
    number: int
    profile: str
    provider: str
    model_id: str
    title: str
    maker: str | None
    kind: str
    context_window: int | None
    max_input: int | None
    max_output: int | None
    knowledge_cutoff: str | None
    retires_on: str | None
    capabilities: dict[str, bool]
    modalities: dict[str, list[str]]
    parameters: dict[str, ParameterShape]
    defaults: Annotated[StoredValues, Field(description="Sent where a caller sends none.")]
    sources: dict[str, SourceShape]
    custom: bool
    synced: bool
    active: bool
    hidden: bool
    default: bool
    quarantined_because: str | None
    successor: Annotated[str | None, Field(description="The model that is to follow it.")]
    category: str | None
    tags: list[str]
    collections: list[str]
    notes: str | None
    privacy: Annotated[
        dict[FactName, EvidenceShape], Field(description="Where a call's data goes; what is absent is unknown.")
    ]
    price: PriceShape | None
    health: HealthShape
    revision: int
    created_at: Moment
    updated_at: Moment


class TakenModelShape(ModelShape):
    """A model as it was taken from a person, with what deserves a second look."""

    warnings: Annotated[list[str], Field(description="Such as a price that was likely meant in another unit.")]


class ModelPage(PageShape):
    """A page of models."""

    items: list[ModelShape]


class SyncResultShape(Shape):
    """What became of one model."""

    model: str
    status: Literal["synced", "already", "activated", "error"]
    reason: str | None


class SyncShape(Shape):
    """What a sync did: created + skipped + errors = the number of results."""

    results: list[SyncResultShape]
    created: int
    skipped: int
    errors: int
    source: Literal["named", "provider", "catalog"]
    note: str | None


_NAMES = [
    *(f"{name}_per_mtok" for name in USAGE_CLASSES),
    *(f"{name}_{unit}" for unit in ("per_1k", "per_token") for name in TOKEN_CLASSES),
]
_PRICES: dict[str, Any] = {name: (Optional[Text], None) for name in _NAMES}  # noqa: UP045
_PriceFields = create_model("PriceBody", __base__=Body, __doc__="Decimal US dollars, by usage class.", **_PRICES)


class PriceBody(_PriceFields):
    """The whole price of a model: decimal US dollars of each usage class that is known, all in the same unit."""

    def given(self) -> dict[str, str]:
        """By field, what was sent."""
        sent = {name: getattr(self, name) for name in sorted(self.model_fields_set)}
        return {name: str(value) for name, value in sent.items() if value is not None}


def model_of(view: ModelView) -> ModelShape:
    """A model as it goes out."""
    model, health = view.model, view.health
    return ModelShape(
        name=model.public_name,
        number=model.number,
        profile=model.profile,
        provider=model.provider,
        model_id=model.model_id,
        title=model.name,
        maker=model.maker,
        kind=model.kind,
        context_window=model.context_window,
        max_input=model.max_input,
        max_output=model.max_output,
        knowledge_cutoff=model.knowledge_cutoff,
        retires_on=model.retires_on,
        capabilities=dict(model.capabilities),
        modalities={side: list(kinds) for side, kinds in model.modalities.items()},
        parameters={name: _parameter(known) for name, known in view.parameters.items()},
        defaults=cast("StoredValues", dict(view.stored)),
        sources={field: _source(told) for field, told in model.sources.items()},
        custom=model.custom,
        synced=True,
        active=model.active,
        hidden=model.hidden,
        default=view.default,
        quarantined_because=model.quarantined_because,
        successor=view.successor,
        category=model.category,
        tags=list(view.tags),
        collections=list(view.collections),
        notes=model.notes,
        privacy={fact: evidence_of(known) for fact, known in view.privacy.items()},
        price=None if view.price is None else price_of(view.price),
        health=HealthShape(state=health.state, uptime=health.uptime, attempts=health.attempts, as_of=health.as_of),
        revision=model.revision,
        created_at=model.created_at,
        updated_at=model.updated_at,
    )


def taken_model_of(taken: TakenModel) -> TakenModelShape:
    """A model that was taken, as it goes out."""
    return TakenModelShape(**dict(model_of(taken.view)), warnings=taken.warnings)


def price_of(sheet: PriceSheet) -> PriceShape:
    """A price as it goes out."""
    usual = {rate.usage_class: rate for rate in sheet.rates if is_base(rate)}
    passport = sheet.passport
    return PriceShape(
        id=sheet.id,
        valid_from=sheet.valid_from,
        input_per_mtok=_amount(usual.get("input")),
        output_per_mtok=_amount(usual.get("output")),
        rates=[
            RateShape(
                usage_class=rate.usage_class,
                usd_per_million=_amount(rate),
                usd_per_1k=_amount(rate, "per_1k"),
                usd_per_token=_amount(rate, "per_token"),
                context_over=rate.context_over,
                service_tier=rate.service_tier,
                utc_hours=rate.utc_hours,
            )
            for rate in sheet.rates
        ],
        passport=PassportShape(
            unit=passport.unit,
            source=passport.source,
            as_of=passport.as_of,
            entered_by=passport.entered_by,
            disagreeing=list(passport.disagreeing),
        ),
    )


def model_page(page: Page[ModelView]) -> ModelPage:
    """A page as it goes out."""
    return ModelPage(items=[model_of(view) for view in page.items], next=page.next)


def sync_of(outcome: SyncOutcome) -> SyncShape:
    """What a sync did, as it goes out."""
    return SyncShape(
        results=[
            SyncResultShape(model=result.model, status=result.status, reason=result.reason)
            for result in outcome.results
        ],
        created=outcome.count("synced"),
        skipped=outcome.count("already", "activated"),
        errors=outcome.count("error"),
        source=outcome.source,
        note=outcome.note,
    )


def _parameter(known: Parameter) -> ParameterShape:
    return ParameterShape(
        taken=known.taken,
        min=known.lowest,
        max=known.highest,
        sent_as=known.sent_as,
        only_without_effort=known.only_without_effort,
        sources=[_source(told) for told in known.sources],
        page=known.page,
    )


def _amount(rate: Rate | None, unit: Unit = "per_mtok") -> str | None:
    """A plain decimal number without idle zeros."""
    amount: Decimal | None = None if rate is None else rate.usd_per_million
    if amount is None:
        return None
    text = format(in_unit(amount, unit), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _source(told: Told) -> SourceShape:
    return SourceShape(source=told.source, as_of=told.as_of, disagreeing=list(told.disagreeing))

"""Models as older programs know them: camelCase, one endpoint type, money as JSON numbers."""

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ConfigDict, Field, StrictBool, StrictInt, WithJsonSchema
from pydantic.alias_generators import to_camel

from modelhall.api.shapes.base import Body, Shape, Text
from modelhall.services.compat.flat_model import ENDPOINTS, FlatModel
from modelhall.services.compat.populate_models import Populated
from modelhall.services.models.given_prices import GivenPrices
from modelhall.services.models.new_model import MOST_TOKENS, NewModel
from modelhall.services.models.profile_for import Place

EndpointType = Literal["openAI", "anthropic"]
MOST_PRICE = 10**9
FINEST = 18


def number(value: object) -> Decimal:
    """A JSON number as the decimal that it was written as. Raises ValueError."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("must be a number")
    found = Decimal(str(value))
    if found.is_finite() and int(found.as_tuple().exponent) < -FINEST:
        raise ValueError("has too many places after the point")
    return found


Amount = Annotated[
    Decimal,
    BeforeValidator(number),
    Field(ge=0, le=MOST_PRICE),
    WithJsonSchema({"type": "number", "minimum": 0, "maximum": MOST_PRICE}),
]
Tokens = Annotated[StrictInt, Field(ge=1, le=MOST_TOKENS)]
Name = Annotated[Text, Field(min_length=1, max_length=200)]
ModelId = Annotated[Text, Field(min_length=1, max_length=255)]
Cutoff = Annotated[Text | None, Field(description="An ISO date or time, or null.")]


class CamelBody(Body):
    """Fields in camelCase."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, hide_input_in_errors=True, alias_generator=to_camel, protected_namespaces=()
    )


class FlatModelBody(CamelBody):
    """A new model."""

    name: Name
    model_id: ModelId
    endpoint_type: EndpointType
    thinking: StrictBool = False
    context_window: Tokens
    max_output: Tokens
    knowledge_cutoff: Cutoff = None
    input_price_per_mtok: Amount
    output_price_per_mtok: Amount
    is_active: StrictBool = True

    def place(self) -> Place:
        """Where it is to be."""
        return Place(provider=ENDPOINTS[self.endpoint_type])

    def new_model(self) -> NewModel:
        """As the services know it."""
        prices = {"input": self.input_price_per_mtok, "output": self.output_price_per_mtok}
        return NewModel(
            model_id=self.model_id,
            title=self.name,
            context_window=self.context_window,
            max_output=self.max_output,
            knowledge_cutoff=self.knowledge_cutoff,
            capabilities={"reasoning": self.thinking},
            prices=GivenPrices(prices),
            active=self.is_active,
        )


class FlatModelPatch(CamelBody):
    """What is to change; an absent field stays. What the server gives itself is passed over."""

    name: Name = ""
    model_id: ModelId = ""
    endpoint_type: EndpointType = "openAI"
    thinking: StrictBool = False
    context_window: Tokens = 1
    max_output: Tokens = 1
    knowledge_cutoff: Cutoff = None
    input_price_per_mtok: Amount = Decimal(0)
    output_price_per_mtok: Amount = Decimal(0)
    is_active: StrictBool = True
    id: Any = None
    created_at: Any = None
    updated_at: Any = None

    def sent(self) -> dict[str, Any]:
        """By name, only what was sent."""
        own = self.model_fields_set - {"id", "created_at", "updated_at"}
        return {name: getattr(self, name) for name in sorted(own)}


class FlatModelShape(Shape):
    """A model."""

    model_config = ConfigDict(frozen=True, alias_generator=to_camel, populate_by_name=True, protected_namespaces=())

    id: int
    name: str
    model_id: str
    endpoint_type: EndpointType
    thinking: bool
    context_window: int | None
    max_output: int | None
    knowledge_cutoff: str | None
    input_price_per_mtok: int | float | None
    output_price_per_mtok: int | float | None
    is_active: bool
    created_at: str
    updated_at: str


class FlatModelsShape(Shape):
    """All models, active or not."""

    models: list[FlatModelShape]


class MessageShape(Shape):
    """That it was done."""

    message: str


class SummaryShape(Shape):
    """How many of each; total = created + skipped + errors."""

    created: int
    skipped: int
    total: int


class PopulatedResultShape(Shape):
    """What became of one model; `id` when it was created, else `reason`."""

    model_config = ConfigDict(frozen=True, alias_generator=to_camel, populate_by_name=True, protected_namespaces=())

    model_id: str
    status: Literal["created", "skipped", "error"]
    id: int | None = None
    reason: str | None = None


class PopulatedShape(Shape):
    """What became of the usual models."""

    message: str
    summary: SummaryShape
    results: list[PopulatedResultShape]


def flat_shape(model: FlatModel) -> FlatModelShape:
    """A model as it goes out."""
    return FlatModelShape(
        id=model.id,
        name=model.name,
        model_id=model.model_id,
        endpoint_type=model.endpoint_type,
        thinking=model.thinking,
        context_window=model.context_window,
        max_output=model.max_output,
        knowledge_cutoff=model.knowledge_cutoff,
        input_price_per_mtok=json_number(model.input_price),
        output_price_per_mtok=json_number(model.output_price),
        is_active=model.active,
        created_at=f"{model.created_at:%Y-%m-%dT%H:%M:%SZ}",
        updated_at=f"{model.updated_at:%Y-%m-%dT%H:%M:%SZ}",
    )


def populated_shape(done: Populated) -> PopulatedShape:
    """What became of the usual models, as it goes out."""
    results = [
        PopulatedResultShape(model_id=each.model_id, status=each.status, id=each.id, reason=each.reason)
        for each in done.results
    ]
    summary = SummaryShape(created=done.count("created"), skipped=done.count("skipped"), total=len(results))
    return PopulatedShape(message="Model population completed", summary=summary, results=results)


def json_number(amount: Decimal | None) -> int | float | None:
    """The nearest JSON number, whole where it is: these routes keep the numbers that older programs read."""
    if amount is None:
        return None
    return int(amount) if amount == amount.to_integral_value() else float(amount)

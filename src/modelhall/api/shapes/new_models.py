"""A new model on the wire, in any of three forms: the house's own, and those of two older programs."""

from typing import Annotated, Any, Literal, cast

from pydantic import ConfigDict, Discriminator, Field, RootModel, StrictBool, Tag

from modelhall.api.shapes.base import Body, Text
from modelhall.api.shapes.flat_models import Amount, FlatModelBody, ModelId, Name, Tokens
from modelhall.api.shapes.models import PriceBody
from modelhall.api.shapes.stored_values import GivenValues
from modelhall.services.models.given_prices import GivenPrices, given_prices
from modelhall.services.models.new_model import NewModel
from modelhall.services.models.profile_for import Place

Kind = Literal[
    "chat", "completion", "embedding", "image", "stt", "tts", "rerank", "moderation", "realtime", "video", "ocr"
]


class OwnModelBody(Body):
    """A new model; what is absent is left to the catalog."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, protected_namespaces=())

    profile: Annotated[Text, Field(description="The id of the profile that serves it.")]
    model_id: Annotated[ModelId, Field(description="The provider's own name of it.")]
    title: Name | None = None
    kind: Kind | None = None
    context_window: Tokens | None = None
    max_input: Tokens | None = None
    max_output: Tokens | None = None
    knowledge_cutoff: Text | None = None
    capabilities: Annotated[dict[Text, StrictBool], Field(max_length=50)] = {}
    parameters: GivenValues = {}
    prices: Annotated[PriceBody | None, Field(description="For admins; all in one unit.")] = None
    active: StrictBool = False
    hidden: StrictBool = False
    notes: Text | None = None

    def place(self) -> Place:
        """Where it is to be."""
        return Place(profile=self.profile)

    def new_model(self) -> NewModel:
        """As the services know it."""
        plain = {name: getattr(self, name) for name in type(self).model_fields if name not in {"profile", "prices"}}
        return NewModel(**plain, prices=given_prices(self.prices.given()) if self.prices else None)


class ThousandPrices(Body):
    """US dollars per 1,000 tokens, as JSON numbers."""

    input: Amount
    output: Amount


class EndpointModelBody(Body):
    """A new model by its provider and address; it comes in active."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, protected_namespaces=())

    name: Name
    model_id: ModelId
    provider: Annotated[Text, Field(description="A profile's id, or a provider: then its first profile.")]
    api_endpoint: Annotated[Text | None, Field(description="The address that is called; it must be a profile's.")] = (
        None
    )
    parameters: GivenValues = {}
    context_window: Tokens | None = None
    cost_per_1k_tokens: ThousandPrices | None = None

    def place(self) -> Place:
        """Where it is to be."""
        return Place(provider=self.provider, endpoint=self.api_endpoint)

    def new_model(self) -> NewModel:
        """As the services know it."""
        cost = self.cost_per_1k_tokens
        prices = None if cost is None else GivenPrices({"input": cost.input, "output": cost.output}, "per_1k")
        return NewModel(
            model_id=self.model_id,
            title=self.name,
            context_window=self.context_window,
            parameters=self.parameters,
            prices=prices,
            active=True,
        )


def _form(body: object) -> str:
    """Which form a body has, by fields that only one has."""
    if not isinstance(body, dict):
        return "[own]"
    fields = set(cast("dict[str, Any]", body))
    if fields & {"modelId", "endpointType", "contextWindow"}:
        return "[flat]"
    return "[endpoint]" if fields & {"provider", "api_endpoint", "cost_per_1k_tokens"} else "[own]"


AnyForm = Annotated[
    Annotated[OwnModelBody, Tag("[own]")]
    | Annotated[EndpointModelBody, Tag("[endpoint]")]
    | Annotated[FlatModelBody, Tag("[flat]")],
    Discriminator(_form),
]


class NewModelBody(RootModel[AnyForm]):
    """A new model in any of the three forms."""

    def place(self) -> Place:
        """Where it is to be."""
        return self.root.place()

    def new_model(self) -> NewModel:
        """As the services know it."""
        return self.root.new_model()

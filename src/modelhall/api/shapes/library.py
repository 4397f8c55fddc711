"""What a search finds, and how providers' lists are, on the wire."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from modelhall.api.shapes.base import Body, Moment, PageShape, PerMillion, Shape
from modelhall.api.shapes.models import HealthShape, SourceShape
from modelhall.services.library.columns import FACETS, HEALTH, SORTS
from modelhall.services.library.query import PRICES, Wish
from modelhall.services.library.search import Found, SearchPage
from modelhall.services.models.list_state import ListState
from modelhall.services.models.show_list_changes import ListChange
from modelhall.services.pages import MOST, USUAL, Page

Status = Literal["active", "inactive", "quarantined", "discovered", "catalog"]
Mark = Literal["active", "inactive", "hidden", "quarantined", "discovered", "catalog", "listed", "unlisted"]


Values = Annotated[list[str], Field(max_length=100)]
Dollars = Annotated[str | None, Field(max_length=40, description="US dollars per million tokens, a decimal number.")]


class LibraryQuery(Body):
    """What is searched for; everything may be left out."""

    q: Annotated[
        str, Field(max_length=255, description="Words that must all be somewhere in name, alias, provider, maker, tag.")
    ] = ""
    profile: Values = []
    provider: Values = []
    status: Annotated[
        list[Mark],
        Field(description="`listed`, `unlisted`: whether its provider's last list has it. Several: any of them."),
    ] = []
    maker: Values = []
    kind: Values = []
    capability: Annotated[Values, Field(description="Several: it must have all of them.")] = []
    input: Annotated[Values, Field(description="What it takes in: `text`, `image`, … Several: all of them.")] = []
    output: Annotated[Values, Field(description="What it puts out. Several: all of them.")] = []
    tag: Annotated[Values, Field(description="Several: it must carry all of them.")] = []
    region: Values = []
    zero_retention: list[Literal["yes", "no", "unknown"]] = []
    health: list[Literal["operational", "degraded", "down", "no_data"]] = []
    min_context: Annotated[int | None, Field(ge=1, le=10**12)] = None
    min_price_input: Dollars = None
    max_price_input: Dollars = None
    min_price_output: Dollars = None
    max_price_output: Dollars = None
    min_price_blended: Dollars = None
    max_price_blended: Dollars = None
    min_uptime: Annotated[str | None, Field(max_length=10, description="Of the last 30 minutes, 0 to 1.")] = None
    retires_before: Annotated[str | None, Field(max_length=10, description="A date such as 2027-01-31.")] = None
    sort: Annotated[
        str, Field(max_length=40, description=f"One of {', '.join(SORTS)}; `-` before it: the greatest first.")
    ] = "name"
    facets: Annotated[bool, Field(description="Whether to count by value too.")] = True
    after: Annotated[str | None, Field(max_length=4000, description="`next` of the page before.")] = None
    limit: Annotated[int, Field(ge=1, le=MOST)] = USUAL

    def wish(self) -> Wish:
        """As the service knows it."""
        return Wish(
            text=self.q,
            values={facet: list[str](getattr(self, facet)) for facet in (*FACETS, HEALTH)},
            least_context=self.min_context,
            prices={column: (getattr(self, f"min_{column}"), getattr(self, f"max_{column}")) for column in PRICES},
            least_uptime=self.min_uptime,
            retires_before=self.retires_before,
            sort=self.sort,
            after=self.after,
            limit=self.limit,
            facets=self.facets,
        )


class LibraryEntry(Shape):
    """A model of the library, one that a provider lists, or one that only the catalog knows; null = unknown."""

    model_config = ConfigDict(frozen=True, protected_namespaces=())

    name: Annotated[str, Field(description="`profile/model-id`; of the catalog's, `provider/model-id`.")]
    origin: Literal["library", "discovered", "catalog"]
    status: Status
    hidden: bool
    listed: Annotated[bool | None, Field(description="Whether its provider's last list has it; null: no list yet.")]
    default: bool
    profile: str | None
    provider: str
    model_id: str
    title: str
    maker: str | None
    kind: str
    context_window: int | None
    max_input: int | None
    max_output: int | None
    knowledge_cutoff: str | None
    released: str | None
    retires_on: str | None
    capabilities: Annotated[list[str], Field(description="What it is known to do.")]
    input: list[str]
    output: list[str]
    price_input: PerMillion | None
    price_output: PerMillion | None
    price_blended: Annotated[
        PerMillion | None, Field(description="Three parts of input and one of output: (3 × input + output) / 4.")
    ]
    aliases: list[str]
    tags: list[str]
    regions: list[str]
    zero_retention: bool | None
    health: HealthShape | None
    sources: Annotated[dict[str, SourceShape], Field(description="Where a fact is from, by field; the price's too.")]


class ListShape(Shape):
    """What is known of the list of one profile's provider."""

    profile: str
    provider: str
    has_list: Annotated[bool, Field(description="Whether this kind of provider has a list that can be asked for.")]
    models: Annotated[int, Field(description="How many the last good list has.")]
    listed_at: Annotated[Moment | None, Field(description="When the last good list was given; null: there is none.")]
    age_seconds: int | None
    tried_at: Moment | None
    next_at: Annotated[Moment | None, Field(description="About when the provider is asked again by itself.")]
    error_code: str | None
    error: Annotated[str | None, Field(description="Why there is no newer list.")]
    failures: Annotated[int, Field(description="Failures in a row since the last good list.")]
    left_out: Annotated[
        dict[str, int], Field(description="Entries that could not be taken: `unusable`, `doubled`, `beyond_limit`.")
    ]
    changed: Annotated[dict[str, int], Field(description="What the last good list changed: `new`, `changed`, `gone`.")]


class LibraryPage(PageShape):
    """A page of what was found."""

    items: list[LibraryEntry]
    total: int
    facets: Annotated[
        dict[str, dict[str, int]],
        Field(description="By filter and value: how many it would leave, under all other filters; at most 100 values."),
    ]
    troubled: Annotated[
        list[ListShape], Field(description="Lists that could not be renewed; what is shown of them is that old.")
    ]


class DiscoveredPage(PageShape):
    """The models that providers list, and how old the lists are."""

    lists: list[ListShape]
    items: list[LibraryEntry]
    total: int


class ListChangeShape(Shape):
    """What became of one model between two lists."""

    model_config = ConfigDict(frozen=True, protected_namespaces=())

    id: str
    profile: str
    model_id: str
    at: Moment
    kind: Literal["new", "changed", "gone"]
    before: Annotated[dict[str, Any] | None, Field(description="What was told of it; of a changed one what differs.")]
    after: dict[str, Any] | None


class ListChangePage(PageShape):
    """A page of changes, the newest first."""

    items: list[ListChangeShape]


def library_page(page: SearchPage) -> LibraryPage:
    """A page as it goes out."""
    return LibraryPage(
        items=[entry_of(found) for found in page.items],
        next=page.next,
        total=page.total,
        facets={facet: dict(counts) for facet, counts in page.facets.items()},
        troubled=[list_of(state) for state in page.troubled],
    )


def discovered_page(page: SearchPage, states: list[ListState]) -> DiscoveredPage:
    """A page as it goes out."""
    return DiscoveredPage(
        lists=[list_of(state) for state in states],
        items=[entry_of(found) for found in page.items],
        next=page.next,
        total=page.total,
    )


def change_page(page: Page[ListChange]) -> ListChangePage:
    """A page as it goes out."""
    return ListChangePage(items=[_change(change) for change in page.items], next=page.next)


def list_of(state: ListState) -> ListShape:
    """A list's state as it goes out."""
    known = state.known
    return ListShape(
        profile=state.profile,
        provider=state.provider,
        has_list=state.has_list,
        models=known.entries if known else 0,
        listed_at=known.listed_at if known else None,
        age_seconds=state.age_s,
        tried_at=known.tried_at if known else None,
        next_at=known.due_at if known else None,
        error_code=known.error_code if known else None,
        error=known.error if known else None,
        failures=known.failures if known else 0,
        left_out=dict(known.left_out) if known else {},
        changed=dict(known.changed) if known else {},
    )


def entry_of(found: Found) -> LibraryEntry:
    """An entry as it goes out."""
    entry, health = found.entry, found.health
    told = HealthShape(state=health.state, uptime=health.uptime, attempts=health.attempts, as_of=health.as_of)
    return LibraryEntry(
        name=entry.name,
        origin=entry.origin,
        profile=entry.profile,
        provider=entry.provider,
        model_id=entry.model_id,
        title=entry.title,
        maker=entry.maker,
        kind=entry.kind,
        context_window=entry.context_window,
        max_input=entry.max_input,
        max_output=entry.max_output,
        knowledge_cutoff=entry.knowledge_cutoff,
        released=entry.released,
        retires_on=entry.retires_on,
        regions=list(entry.regions),
        zero_retention=entry.zero_retention,
        input=list(entry.input),
        output=list(entry.output),
        aliases=list(entry.aliases),
        tags=list(entry.tags),
        status=_STATUS[entry.status],
        hidden="hidden" in entry.marks,
        listed=True if "listed" in entry.marks else False if "unlisted" in entry.marks else None,
        default=found.default,
        capabilities=sorted(entry.capabilities),
        price_input=_amount(entry.price_input),
        price_output=_amount(entry.price_output),
        price_blended=_amount(entry.price_blended),
        health=told if entry.library_id else None,
        sources={
            name: SourceShape(source=word.source, as_of=word.as_of, disagreeing=list(word.disagreeing))
            for name, word in found.sources.items()
        },
    )


_STATUS: Mapping[str, Status] = {
    "active": "active",
    "inactive": "inactive",
    "quarantined": "quarantined",
    "discovered": "discovered",
    "catalog": "catalog",
}


def _amount(amount: Decimal | None) -> str | None:
    """A plain decimal number without idle zeros."""
    if amount is None:
        return None
    text = format(amount, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _change(change: ListChange) -> ListChangeShape:
    told = change.difference
    return ListChangeShape(
        id=change.id,
        profile=change.profile,
        model_id=told.model_id,
        at=change.at,
        kind=told.kind,
        before=None if told.before is None else dict(told.before),
        after=None if told.after is None else dict(told.after),
    )

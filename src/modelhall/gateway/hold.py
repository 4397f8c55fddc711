"""Step 3 of a call: the most it can cost is set aside in every budget it counts against, before it is sent."""

from datetime import UTC, datetime

import msgspec

from modelhall.domain.errors import BudgetExceeded, Unpriced
from modelhall.domain.money import ZERO, Nanodollars, usd
from modelhall.domain.prices import PriceSheet
from modelhall.gateway.allowances import Allowances
from modelhall.gateway.call import Call, Caller, Target
from modelhall.gateway.stored_values import completed

ENVELOPE_TOKENS = 1_024
"""What a provider wraps around a request: templates, separators, its own system text."""
IMAGE_TOKENS = 49_000
"""The most a vendor counts for one image: gpt-4o-mini, 8 tiles of 5,667 and a base of 2,833 (OpenAI's vision guide)."""
PAGE_TOKENS = 4_000
"""The most a vendor counts for one page: 3,000 of text and its picture (Anthropic's PDF guide)."""
DEFAULT_OUTPUT = 4_096
"""Output tokens where neither the caller nor the catalog names a limit."""
SMALLEST_OUTPUT = 256
"""A limit below this is not worth a call."""
_UNLIMITED_INPUT = 10**7


class Hold:
    """Money set aside for one call. `release` may be called early, and again."""

    __slots__ = (
        "_allowances",
        "_aside",
        "_charged",
        "_lent",
        "_open",
        "_target",
        "bound",
        "output_limit",
        "windows",
    )

    def __init__(self, allowances: Allowances, caller: Caller, quote: "Quote") -> None:
        self.windows = caller.windows
        self.bound = quote.bound
        """The most that the attempt under way can cost; `None`: nobody knows."""
        self.output_limit: int | None = None
        """A limit of output tokens that was set so that the call fits its budget."""
        self._allowances = allowances
        self._target = quote.target
        self._aside = 0
        self._charged = 0
        self._open = self._lent = False

    def opened(self, bound: Nanodollars, output_limit: int | None = None) -> None:
        """The bound has been set aside."""
        self.bound, self.output_limit, self._aside, self._open = bound, output_limit, bound, True

    async def cover(self, call: Call, target: Target) -> None:
        """Sets aside what another attempt takes: one at a dearer target, or after one that may be charged too.

        Raises BudgetExceeded, Unpriced, DatabaseUnavailable.
        """
        if target is self._target and not self._charged:
            return
        quote = quote_of(call, target, self.output_limit)
        if self.windows:
            if quote.bound is None:
                raise quote.unpriced()
            more = self._charged + quote.bound - self._aside
            if more > 0:
                if not await self._allowances.hold(self.windows, more):
                    raise quote.over_budget(await self._allowances.left(self.windows))
                self._aside += more
        self.bound, self._target = quote.bound, target

    def charge(self, amount: int) -> None:
        """Counts what an attempt has cost, or may have cost."""
        self._charged += amount

    def lend(self) -> None:
        """Keeps it beyond the call, for whoever reads the answer on: `release` does nothing until it was returned."""
        self._lent = True

    def returned(self) -> None:
        """Whoever read the answer on is done."""
        self._lent = False
        self.release()

    def release(self) -> None:
        """Gives back what was set aside beyond what was charged."""
        if self._open and not self._lent:
            self._open = False
            self._allowances.settle(self.windows, self._aside, self._charged)


class Quote(msgspec.Struct, frozen=True):
    """The most that a call can use and cost at a target."""

    call: Call
    target: Target
    sheet: PriceSheet | None
    most_input: int
    most_output: int
    bound: Nanodollars | None
    """`None`: the price is not known."""

    def within(self, left: int) -> tuple[Nanodollars, int | None]:
        """The bound, and the limit of output tokens it takes, if any, to stay within what is left.

        Raises Unpriced, BudgetExceeded.
        """
        if self.sheet is None or self.bound is None:
            raise self.unpriced()
        if self.bound <= left:
            return self.bound, None
        smaller = self._fitting_limit(self.sheet, left)
        bound = None if smaller is None else self.sheet.bound(self.most_input, smaller * self.call.ask.choices)
        if bound is None:
            raise self.over_budget(left)
        return bound, smaller

    def _fitting_limit(self, sheet: PriceSheet, left: int) -> int | None:
        """The largest limit of output tokens that fits.

        `None` when the caller set one, or none that fits is worth a call.
        """
        ask = self.call.ask
        if ask.output_limit is not None or not ask.generates:
            return None
        low, high = 0, self.most_output // ask.choices
        while low < high:
            middle = (low + high + 1) // 2
            bound = sheet.bound(self.most_input, middle * ask.choices)
            low, high = (middle, high) if bound is not None and bound <= left else (low, middle - 1)
        return low if low >= SMALLEST_OUTPUT else None

    def unpriced(self) -> Unpriced:
        """The refusal of a model whose cost nobody can bound."""
        name = self.target.model.public_name
        return Unpriced(
            f"{name} has no known price, so a budget cannot hold it; "
            f"set one with `modelhall model price {name} --input-per-mtok D --output-per-mtok D`"
        )

    def over_budget(self, left: int) -> BudgetExceeded:
        """The refusal of a call that does not fit."""
        bound, rest = usd(self.bound or ZERO), usd(Nanodollars(max(left, 0)))
        return BudgetExceeded(
            f"this call may cost up to ${bound}, and its budget has ${rest} left; "
            "a smaller limit of output tokens makes it cheaper, an admin can raise the budget",
            details={"bound": bound, "left": rest},
        )


def quote_of(call: Call, target: Target, output_limit: int | None = None) -> Quote:
    """What the call, `completed` for the target, can use and cost at most, at the prices of this moment.

    `output_limit`: one that the house sets where the caller set none.
    """
    sheet = target.sheet_at(datetime.now(UTC))
    most_input, most_output = input_bound(call, target), output_bound(call, target, output_limit)
    return Quote(call, target, sheet, most_input, most_output, sheet.bound(most_input, most_output) if sheet else None)


async def hold(call: Call, target: Target, allowances: Allowances) -> Hold:
    """Sets the call's bound aside in all its budget windows. Raises BudgetExceeded, Unpriced, DatabaseUnavailable."""
    quote = quote_of(completed(call, target), target)
    held = Hold(allowances, call.caller, quote)
    if held.windows:
        if quote.bound is not None and allowances.hold_here(held.windows, quote.bound):
            held.opened(quote.bound)
        else:
            await _set_aside(held, quote, allowances)
    return held


async def _set_aside(held: Hold, quote: Quote, allowances: Allowances) -> None:
    if quote.bound is None:
        raise quote.unpriced()
    if await allowances.hold(held.windows, quote.bound):
        return held.opened(quote.bound)
    left = await allowances.left(held.windows)
    bound, limit = quote.within(left)
    if not await allowances.hold(held.windows, bound):
        raise quote.over_budget(left)
    return held.opened(bound, limit)


def input_bound(call: Call, target: Target) -> int:
    """The most input tokens that this request can be counted as."""
    ask = call.ask
    counted = ask.plain_bytes + ENVELOPE_TOKENS + ask.images * IMAGE_TOKENS + ask.pages * PAGE_TOKENS
    return min(counted, target.model.context_window or _UNLIMITED_INPUT)


def output_bound(call: Call, target: Target, output_limit: int | None = None) -> int:
    """The most output tokens that this request can make, over all its choices."""
    ask = call.ask
    if not ask.generates:
        return 0
    limit = ask.output_limit or output_limit or call.stored_limit or target.model.max_output or DEFAULT_OUTPUT
    return limit * ask.choices

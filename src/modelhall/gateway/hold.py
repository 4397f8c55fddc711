"""Step 3 of a call: the most it can cost is set aside in every budget it counts against, before it is sent."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from modelhall.dialects.dialect import Ask
from modelhall.domain.errors import BudgetExceeded, Unpriced
from modelhall.domain.money import Nanodollars, usd
from modelhall.domain.prices import PriceSheet
from modelhall.gateway.allowances import Allowances
from modelhall.gateway.call import Call, Caller, Target

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

    def __init__(self, allowances: Allowances, windows: Sequence[str], bound: Nanodollars | None) -> None:
        self.windows = tuple(windows)
        self.bound = bound
        self.output_limit: int | None = None
        """A limit of output tokens that was set so that the call fits its budget."""
        self._allowances = allowances
        self._charged = 0
        self._open = False

    def opened(self, bound: Nanodollars, output_limit: int | None = None) -> None:
        """The bound has been set aside."""
        self.bound, self.output_limit, self._open = bound, output_limit, True

    def charge(self, amount: int) -> None:
        """Counts what an attempt has cost, or may have cost."""
        self._charged += amount

    def release(self) -> None:
        """Gives back what was set aside beyond what was charged."""
        if self._open:
            self._open = False
            self._allowances.settle(self.windows, self.bound or 0, self._charged)


@asynccontextmanager
async def hold(call: Call, caller: Caller, target: Target, allowances: Allowances) -> AsyncGenerator[Hold]:
    """Sets the call's bound aside in all its budget windows. Raises BudgetExceeded, Unpriced, DatabaseUnavailable."""
    sheet = target.sheet_at(datetime.now(UTC))
    most_output = output_bound(call.ask, target)
    bound = sheet.bound(input_bound(call.ask, target), most_output) if sheet else None
    held = Hold(allowances, caller.windows, bound)
    if caller.windows:
        await _set_aside(held, call.ask, target, sheet, allowances)
    try:
        yield held
    finally:
        held.release()


async def _set_aside(held: Hold, ask: Ask, target: Target, sheet: PriceSheet | None, allowances: Allowances) -> None:
    if sheet is None or held.bound is None:
        raise Unpriced(
            f"{target.model.public_name} has no known price, so a budget cannot hold it; "
            f"set one with `modelhall model price {target.model.public_name} --input-per-mtok D --output-per-mtok D`"
        )
    if await allowances.hold(held.windows, held.bound):
        return held.opened(held.bound)
    left = await allowances.left(held.windows)
    smaller = _fitting_limit(ask, target, sheet, left)
    if smaller is not None:
        bound = sheet.bound(input_bound(ask, target), smaller * ask.choices)
        if bound is not None and await allowances.hold(held.windows, bound):
            return held.opened(bound, smaller)
    raise BudgetExceeded(
        f"this call may cost up to ${usd(held.bound)}, and its budget has ${usd(Nanodollars(max(left, 0)))} left; "
        "a smaller limit of output tokens makes it cheaper, an admin can raise the budget",
        details={"bound": usd(held.bound), "left": usd(Nanodollars(max(left, 0)))},
    )


def input_bound(ask: Ask, target: Target) -> int:
    """The most input tokens that this request can be counted as."""
    counted = ask.plain_bytes + ENVELOPE_TOKENS + ask.images * IMAGE_TOKENS + ask.pages * PAGE_TOKENS
    return min(counted, target.model.context_window or _UNLIMITED_INPUT)


def output_bound(ask: Ask, target: Target) -> int:
    """The most output tokens that this request can make, over all its choices."""
    if not ask.generates:
        return 0
    return (ask.output_limit or target.model.max_output or DEFAULT_OUTPUT) * ask.choices


def _fitting_limit(ask: Ask, target: Target, sheet: PriceSheet, left: int) -> int | None:
    """The largest limit of output tokens that fits.

    `None` when the caller set one, or none that fits is worth a call.
    """
    if ask.output_limit is not None or not ask.generates:
        return None
    most_input = input_bound(ask, target)
    low, high = 0, output_bound(ask, target) // ask.choices
    while low < high:
        middle = (low + high + 1) // 2
        bound = sheet.bound(most_input, middle * ask.choices)
        low, high = (middle, high) if bound is not None and bound <= left else (low, middle - 1)
    return low if low >= SMALLEST_OUTPUT else None

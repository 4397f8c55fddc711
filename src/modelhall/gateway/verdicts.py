"""What a provider's refusal means for the call: one table from its status to the house's own errors."""

import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import msgspec

from modelhall.domain.errors import (
    DeadlineExceeded,
    ModelhallError,
    OwnTrouble,
    ProviderBroke,
    ProviderBusy,
    ProviderLacksModel,
    ProviderRefused,
    ProviderRefusedKey,
)
from modelhall.gateway.call import Target
from modelhall.gateway.hide_keys import KeyGuard
from modelhall.gateway.upstream import Answer

MOST_WORDS = 64 * 1024
LONGEST_WAIT_S = 600

log = logging.getLogger(__name__)


async def refusal_of(answer: Answer, target: Target, guard: KeyGuard) -> ModelhallError:
    """The error that a provider's answer other than 200 stands for.

    A fault of ours with the provider is never the caller's.
    """
    try:
        body = await answer.whole(MOST_WORDS)
    except ModelhallError:
        body = b""  # the status says enough
    return verdict(answer.status, answer.headers, body, target, guard)


def verdict(
    status: int, headers: Mapping[str, str], body: bytes, target: Target, guard: KeyGuard | None = None
) -> ModelhallError:
    """The table. Own words of a provider are passed on only where they are about the caller's own request.

    Even those not when they repeat what is the house's alone, its key above all.
    """
    profile, model = target.profile.slug, target.model.model_id
    if status in {401, 403}:
        return ProviderRefusedKey(
            f"{profile}'s provider does not take the key of the profile (status {status})",
            details={"upstream_status": status},
        )
    if status == 404:
        return ProviderLacksModel(f"{profile}'s provider knows no model {model}")
    if status in {429, 529}:
        return ProviderBusy(
            f"{profile}'s provider asked us to slow down (status {status})", retry_after_s=retry_after(headers)
        )
    if status in {408, 504}:
        return DeadlineExceeded(f"{profile}'s provider ran into a deadline of its own (status {status})")
    if 400 <= status < 500:
        return ProviderRefused(
            _words(body, guard) or f"{profile}'s provider refused the request (status {status})",
            details={"upstream_status": status},
        )
    return ProviderBroke(f"{profile}'s provider failed (status {status})", retry_after_s=retry_after(headers))


def told(error: Exception, call_id: str) -> ModelhallError:
    """The house's error for whatever happened; what nobody thought of is a fault of the house, and only logged."""
    if isinstance(error, ModelhallError):
        return error
    log.error("a fault of the house", exc_info=error, extra={"call": call_id})
    return OwnTrouble(f"the house made a mistake; its log says more under the call's id, {call_id}")


def retry_after(headers: Mapping[str, str]) -> int | None:
    """The wait that a provider asks for, in whole seconds from 0 to 600.

    `None` when it asks for none that makes sense.
    """
    told = headers.get("retry-after-ms")
    if told is not None and told.isdecimal():
        return min(-(-int(told[:12]) // 1000), LONGEST_WAIT_S)
    told = headers.get("retry-after", "").strip()
    if told.isdecimal():
        return min(int(told[:12]), LONGEST_WAIT_S)
    try:
        wait = parsedate_to_datetime(told) - datetime.now(UTC)
    except (ValueError, TypeError):
        return None
    return min(max(int(wait.total_seconds()), 0), LONGEST_WAIT_S)


class _Inner(msgspec.Struct):
    message: str | None = None


class _Body(msgspec.Struct):
    error: _Inner | str | None = None
    message: str | None = None


def _words(body: bytes, guard: KeyGuard | None) -> str | None:
    """The message inside an error body of the usual shapes, shortened."""
    try:
        told = msgspec.json.decode(body, type=_Body)
    except (msgspec.DecodeError, msgspec.ValidationError):
        return None
    inner = told.error.message if isinstance(told.error, _Inner) else told.error
    words = inner or told.message
    return words[:1000] if words and not (guard and guard.gives_away(words)) else None

"""Failures of providers."""

from modelhall.domain.errors.base import Elsewhere, ModelhallError


class ProviderError(ModelhallError):
    """The provider is at fault."""

    code, status, retryable, attempted = "provider_error", 502, True, True
    elsewhere = Elsewhere.TARGET


class ProviderUnreachable(ProviderError):
    """No connection to the provider could be made."""

    code = "provider_unreachable"


class ProviderBroke(ProviderError):
    """The provider failed, or its answer makes no sense."""

    code = "provider_broke"


class ProviderHungUp(ProviderError):
    """The provider closed the connection before it answered; it may have begun to work all the same."""

    code = "provider_hung_up"


class ProviderCut(ProviderError):
    """The provider's answer stopped in the middle."""

    code = "provider_cut"


class ProviderRefusedKey(ProviderError):
    """The provider does not take our key; an admin has to replace it."""

    code, retryable = "provider_refused_key", False
    elsewhere = Elsewhere.KEY


class ProviderLacksModel(ProviderError):
    """The provider no longer has the model, or never had it."""

    code, retryable = "provider_lacks_model", False


class ProviderRefused(ProviderError):
    """The provider refused the request itself; its own words are passed on."""

    code, status, retryable = "provider_refused", 400, False
    elsewhere = Elsewhere.NOWHERE


class ProviderBusy(ProviderError):
    """The provider asked us to slow down."""

    code, status = "provider_busy", 429
    elsewhere = Elsewhere.KEY

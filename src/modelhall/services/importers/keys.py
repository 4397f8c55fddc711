"""What becomes of a key in a foreign file: a reference where the variable may be named, a sealed secret if asked."""

from dataclasses import dataclass, field

from modelhall.domain.errors import BadRequest, Forbidden
from modelhall.domain.library import Profile
from modelhall.providers.provider import Provider
from modelhall.services.importers.surroundings import Surroundings
from modelhall.services.profiles.profile_key import NAME, check_reference, checked_key, shown

USER_PROVIDED = "user_provided"
"""LibreChat's word for a key that each person brings."""
BROUGHT = "people brought keys of their own; give the profile one: `modelhall profile key add`"


@dataclass(frozen=True, slots=True)
class Said:
    """A key as the file says it: a variable, the key itself, or nothing."""

    variable: str | None = None
    text: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Found:
    """A key as a profile takes it, and what a person has to know."""

    reference: str | None = None
    text: str | None = field(default=None, repr=False)
    """Stands in the file; only kept when that was asked for."""
    advice: str | None = None

    def is_of(self, profile: Profile) -> bool:
        """Whether a profile that is there has this key; one without a key is as good."""
        if self.reference is not None:
            return any(each.reference == self.reference for each in profile.secrets)
        if self.text is not None:
            return not profile.secrets or any(each.shown == shown(self.text) for each in profile.secrets)
        return True


def key_of(said: Said, provider: Provider, base_url: str | None, around: Surroundings) -> Found:
    """What the profile is to be called with."""
    if said.text is not None and said.text.lower() == USER_PROVIDED:
        return Found(advice=BROUGHT)
    if said.text is not None:
        return _written_out(said.text, around)
    variable = said.variable or _usual_variable(provider, base_url, around)
    if variable is None:
        return Found(advice=None if provider.key_optional else "no key is named; add one: `modelhall profile key add`")
    return _from_variable(variable, provider, base_url, around)


def _written_out(key: str, around: Surroundings) -> Found:
    try:
        key = checked_key(key)
    except BadRequest:
        return Found(advice="what stands in the file cannot be a key; add one: `modelhall profile key add`")
    if around.take_keys:
        return Found(text=key)
    return Found(
        text=key,
        advice="its key stands in the file and was not taken; import with --take-keys to have it sealed and kept,"
        " or add it: `modelhall profile key add`",
    )


def _usual_variable(provider: Provider, base_url: str | None, around: Surroundings) -> str | None:
    """Without a word on the key, other programs read the vendor's variable; never for a server of one's own."""
    if not provider.key_env or (base_url is not None and provider.origin is not None):
        return None
    values = {**around.credentials.environment, **around.variables}
    known = (name for name in provider.key_env if values.get(name))
    return next(known, None if provider.key_optional else provider.key_env[0])


def _from_variable(variable: str, provider: Provider, base_url: str | None, around: Surroundings) -> Found:
    if not NAME.fullmatch(variable):
        return Found(advice="its key is in a variable with a name that none can have; add the key itself")
    value = around.variables.get(variable, "").strip()
    if value.lower() == USER_PROVIDED:
        return Found(advice=BROUGHT)
    if value and around.take_keys:
        return _written_out(value, around)
    reference = f"env:{variable}"
    try:
        check_reference(around.actor, provider, base_url, reference, around.credentials)
    except Forbidden as error:
        return Found(advice=f"{variable} was not taken: {error.message}")
    if around.credentials.leads_to(reference) is None:
        return Found(reference, advice=f"{variable} is not in the server's environment; set it there and start again")
    return Found(reference)

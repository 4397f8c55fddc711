"""The provider keys of profiles: opened when a call needs them, sent only to the address they were stored for."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from modelhall.domain.errors import KeyMissing
from modelhall.domain.library import Profile, Secret
from modelhall.gateway.outgoing import endpoint_of
from modelhall.gateway.secret_files import SecretFiles

OpenSealed = Callable[[Secret], str]
"""Opens a sealed key. Raises MasterKeyMismatch."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """Where provider keys come from."""

    open_sealed: OpenSealed
    environment: Mapping[str, str]
    """The process's environment as it was at start."""
    files: SecretFiles = field(default_factory=SecretFiles)

    def keys_of(self, profile: Profile) -> tuple[tuple[Secret, str], ...]:
        """The profile's keys in their order, those its provider has refused only where there is no other.

        Empty when the profile has none at all. Raises KeyMissing when it has keys, but none that can be used now.
        """
        if not profile.secrets:
            return ()
        accepted = self._opened(secret for secret in profile.secrets if secret.refused_at is None)
        keys = accepted or self._opened(profile.secrets)
        if keys:
            return keys
        names = ", ".join(secret.reference or "a stored key" for secret in profile.secrets)
        raise KeyMissing(f"profile {profile.slug} has no key: {names} is not there; set it, or add a key")

    def _opened(self, secrets: Iterable[Secret]) -> tuple[tuple[Secret, str], ...]:
        return tuple((secret, key) for secret in secrets if (key := self._open(secret)))

    def is_missing(self, profile: Profile) -> bool:
        """Whether all of the profile's keys are references that lead nowhere."""
        references = [secret.reference for secret in profile.secrets]
        return bool(references) and all(name is not None and not self.leads_to(name) for name in references)

    def leads_to(self, reference: str) -> str | None:
        """The key that `env:NAME` or `file:PATH` leads to now; `None` when there is none."""
        kind, _, name = reference.partition(":")
        if kind == "file":
            return self.files.read(name)
        return self.environment.get(name, "").strip() or None if kind == "env" else None

    def _open(self, secret: Secret) -> str | None:
        return self.leads_to(secret.reference) if secret.reference else self.open_sealed(secret)


def origin_of(address: str) -> str:
    """Scheme, host and port of an address: what a key is bound to. Raises ProviderUnreachable for none."""
    return endpoint_of(address)[0].origin

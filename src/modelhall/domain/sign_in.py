"""Sign-in providers as the operator describes them, and what follows from a person's claims."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from modelhall.domain.errors import NotFound
from modelhall.domain.people import Role

CALLBACK = "/api/v1/sign-in/{id}/callback"
Claims = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInProvider:
    """An OpenID Connect provider."""

    id: str
    """Stands in the redirect URI, so that each provider has one of its own."""
    name: str
    issuer: str
    client_id: str
    client_secret: str | None = None
    """`env:NAME` or `file:NAME`; `None` for a public client, which PKCE alone protects."""
    scopes: tuple[str, ...] = ("openid", "profile", "email")
    audience: str | None = None
    """What bearer tokens for the control API must be made out for; `None`: no bearer tokens of this provider."""
    role_claim: str = ""
    """The claim that holds groups or roles; dots lead into objects."""
    roles: Mapping[str, Role] = field(default_factory=dict[str, Role])
    """By value of the role claim."""
    default_role: Role | None = None
    """Of those whom no value gives one; `None`: they have no place here."""
    organisation: str | None = "default"
    """The slug of the organisation of those whom no value sends elsewhere; `None`: they have no place here."""
    organisation_claim: str = ""
    organisations: Mapping[str, str] = field(default_factory=dict[str, str])
    """Slugs, by value of the organisation claim; the first that fits holds."""
    auto_create: bool = False
    """Whether somebody who comes for the first time gets an account."""

    @property
    def rules_roles(self) -> bool:
        """Whether the provider's claims say who has which role, at every sign-in."""
        return bool(self.role_claim)

    def role_of(self, claims: Claims) -> Role | None:
        """The highest role that the claims give."""
        held = [self.roles[value] for value in values_of(claims, self.role_claim) if value in self.roles]
        return max(held, default=self.default_role)

    def organisation_of(self, claims: Claims) -> str | None:
        """The slug of the organisation that the claims lead to."""
        held = set(values_of(claims, self.organisation_claim))
        return next((slug for value, slug in self.organisations.items() if value in held), self.organisation)


@dataclass(frozen=True, slots=True)
class SignIn:
    """How people sign in by providers; without providers, not at all."""

    providers: Mapping[str, SignInProvider] = field(default_factory=dict[str, SignInProvider])
    public_url: str = ""
    """The address that browsers use, without a slash at its end."""
    private_addresses: frozenset[str] = frozenset()
    """`host:port` that may be called although they are private."""

    def named(self, provider_id: str) -> SignInProvider:
        """The provider of that id. Raises NotFound."""
        if provider_id not in self.providers:
            raise NotFound("there is no such sign-in provider")
        return self.providers[provider_id]

    def redirect_uri(self, provider: SignInProvider) -> str:
        """Where the provider sends people back to: to be entered there, letter by letter."""
        return self.public_url + CALLBACK.format(id=provider.id)


def values_of(claims: Claims, claim: str) -> Sequence[str]:
    """The texts that a claim holds: one, or a list of them; a name with dots leads into objects."""
    if not claim:
        return ()
    found: object = claims.get(claim)
    if found is None:
        found = claims
        for part in claim.split("."):
            found = cast("Claims", found).get(part) if isinstance(found, dict) else None
    if isinstance(found, str):
        return (found,)
    return [each for each in cast("list[object]", found) if isinstance(each, str)] if isinstance(found, list) else ()

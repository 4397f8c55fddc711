"""Every process knob, read once: the environment over `modelhall.toml`; each variable has a `_FILE` twin."""

import json
import os
import re
import tomllib
from collections.abc import Mapping
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from modelhall.domain.errors import SetupError
from modelhall.domain.people import Role
from modelhall.domain.sign_in import SignIn, SignInProvider
from modelhall.gateway.desk import Bounds
from modelhall.gateway.upstream import Deadlines

PREFIX = "MODELHALL_"
PLAIN_NAMES = {"database_url": "DATABASE_URL", "valkey_url": "VALKEY_URL"}
"""Settings whose variable has no prefix, because every host names it so."""
FILE_NAME = "modelhall.toml"
_ADDRESS = re.compile(r"https?://[A-Za-z0-9._\[\]:-]+(/[A-Za-z0-9._~/-]*)?")


def _listed(value: object) -> object:
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _from_json(value: object) -> object:
    return json.loads(value) if isinstance(value, str) else value


def _address(value: str | None) -> str | None:
    if value is not None and not _ADDRESS.fullmatch(value):
        raise ValueError("must be an address such as https://models.example or https://example.com/models")
    return value if value is None else value.rstrip("/")


def _issuer(value: str) -> str:
    if not _ADDRESS.fullmatch(value):
        raise ValueError("must be the issuer's address, such as https://login.example")
    if not re.match(r"https://|http://(localhost|127\.0\.0\.1|\[::1\])[:/]", value + "/"):
        raise ValueError("must begin with https://, unless it is on this machine")
    return value


def _networks(value: tuple[str, ...]) -> tuple[str, ...]:
    for each in value:
        ip_network(each)
    return value


Words = Annotated[tuple[str, ...], BeforeValidator(_listed)]
RoleWord = Literal["viewer", "member", "admin"]


class SignInSettings(BaseModel):
    """One `[[sign_in]]` of the file: an OpenID Connect provider."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,62}$")
    name: str = Field("", max_length=100)
    issuer: Annotated[str, AfterValidator(_issuer)]
    client_id: str = Field(min_length=1, max_length=255)
    client_secret: str | None = Field(None, pattern=r"^(env|file):.+$")
    scopes: Words = ("openid", "profile", "email")
    audience: str | None = None
    role_claim: str = ""
    roles: dict[str, RoleWord] = {}
    default_role: RoleWord | None = None
    organisation: str | None = "default"
    organisation_claim: str = ""
    organisations: dict[str, str] = {}
    auto_create: bool = False

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if self.audience == self.client_id:
            raise ValueError("audience must be another than client_id, or a sign-in's token would open the API")
        if self.auto_create and not self.roles and self.default_role is None:
            raise ValueError("auto_create needs roles or default_role: say what those who come may do")
        if bool(self.roles) != bool(self.role_claim) or bool(self.organisations) != bool(self.organisation_claim):
            raise ValueError("roles needs role_claim, and organisations needs organisation_claim")
        if "openid" not in self.scopes:
            raise ValueError("scopes must hold openid")
        return self

    def provider(self) -> SignInProvider:
        """As the services know it."""
        told = self.model_dump(exclude={"roles", "default_role", "name"})
        return SignInProvider(
            **told,
            name=self.name or self.id,
            roles={value: Role.named(word) for value, word in self.roles.items()},
            default_role=None if self.default_role is None else Role.named(self.default_role),
        )


SignIns = Annotated[tuple[SignInSettings, ...], BeforeValidator(_from_json)]


def default_data() -> Path:
    """Where data goes unless somebody says otherwise: the user's own data directory."""
    base = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(base) / "modelhall"


class Settings(BaseModel):
    """What one process is told at its start. The fields marked live are read again when `modelhall.toml` changes."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    data: Path = Field(default_factory=default_data, description="The data directory: database, journal, master key.")
    host: str = Field("127.0.0.1", description="The address to listen on.")
    port: int = Field(8400, ge=0, le=65535, description="The port to listen on; 0 takes a free one.")
    workers: int = Field(1, ge=1, le=64, description="Server processes; 1 does everything in one.")
    database_url: str | None = Field(
        None,
        description="`postgresql://USER:PASSWORD@HOST/DATABASE`; without it SQLite in the data directory.",
        repr=False,
    )
    valkey_url: str | None = Field(None, description="Reserved; refused in this version.", repr=False)
    master_key: str | None = Field(
        None,
        description="32 bytes in base64 or hex that seal all secrets; without it a file in the data directory.",
        repr=False,
    )
    durability: Literal["os", "sync"] = Field(
        "os", description="`os`: usage survives the death of the process; `sync`: it also survives a power loss."
    )
    admin_email: str | None = Field(
        None, description="Login of the first admin, who is made at a start while no admin could sign in."
    )
    admin_password: str | None = Field(
        None, description="The first admin's password, 15 characters or more; later starts change nothing.", repr=False
    )
    engine: bool = Field(True, description="Whether the built-in model is fetched and run.")
    allow_private: Words = Field((), description="`host:port` of private addresses that profiles may call.")
    public_url: Annotated[str | None, AfterValidator(_address)] = Field(
        None,
        description="The address under which people reach the page, where a proxy stands before it; with its path.",
    )
    trusted_proxies: Annotated[Words, AfterValidator(_networks)] = Field(
        (),
        description="Addresses or networks of proxies whose word on a client's address, scheme and host is taken "
        "(`X-Forwarded-For`, `-Proto`, `-Host`).",
    )
    tls_cert: Path | None = Field(
        None, description="The certificate with its chain, in PEM: the server then speaks TLS itself."
    )
    tls_key: Path | None = Field(None, description="The certificate's private key, in PEM, where it is not in it.")
    sign_in: SignIns = Field(
        (),
        description="OpenID Connect providers that people sign in by, each as `[[sign_in]]` in the file; in the "
        "environment a JSON list. See the guide to signing in.",
    )
    insecure_http: bool = Field(
        False,
        description="Lets people sign in over plain HTTP from other machines; who listens on the way can read along.",
    )
    secrets_dir: Path | None = Field(
        None, description="The folder of files that hold provider keys; profiles name them as `file:NAME`."
    )
    ca_file: Path | None = Field(None, description="Certificates to trust besides the system's.")
    shutdown_seconds: float = Field(30.0, gt=0, description="How long calls under way may go on after SIGTERM.")
    stale_limit_seconds: float = Field(
        900.0, gt=0, description="How long calls are served from memory while the database does not answer."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="What is logged. Live.")
    discovery_hours: float = Field(
        6.0,
        ge=0,
        le=8760,
        description="How often each provider's list of models is asked for; 0: only on demand. Live.",
    )
    public_models_of: str | None = Field(
        None,
        description="Id of the organisation whose active model ids `GET /api/models` tells everybody; "
        "without it a key or a session is needed. Live.",
    )
    cors_origins: Words = Field((), description="Origins whose pages may call the model doors. Live.")
    connect_seconds: float = Field(10.0, gt=0, description="Deadline for a connection to a provider. Live.")
    first_byte_seconds: float = Field(120.0, gt=0, description="Deadline for a provider's first byte. Live.")
    idle_seconds: float = Field(60.0, gt=0, description="Deadline between two pieces of an answer. Live.")
    total_seconds: float = Field(900.0, gt=0, description="Deadline for a whole call. Live.")
    body_seconds: float = Field(60.0, gt=0, description="Deadline for a request's body. Live.")
    body_bytes: int = Field(32 * 1024 * 1024, gt=0, description="The largest request body. Live.")
    reply_bytes: int = Field(64 * 1024 * 1024, gt=0, description="The largest answer that is not streamed. Live.")
    calls_at_once: int = Field(10_000, gt=0, description="More calls at once are refused with 503. Live.")
    connections: int = Field(10_000, gt=0, description="More open connections are refused with 503. Live.")

    @property
    def on_loopback(self) -> bool:
        """Whether only this machine can reach the server."""
        return self.host == "localhost" or self.host.startswith("127.") or self.host == "::1"

    @model_validator(mode="after")
    def _fit_together(self) -> Self:
        if self.sign_in and self.public_url is None:
            raise ValueError("sign_in needs public_url: providers send people back to it")
        if len({each.id for each in self.sign_in}) < len(self.sign_in):
            raise ValueError("sign_in: two providers have the same id")
        if self.tls_key is not None and self.tls_cert is None:
            raise ValueError("tls_key needs tls_cert")
        return self

    def signing_in(self) -> SignIn:
        """How people sign in by providers, as the services take it."""
        providers = [each.provider() for each in self.sign_in]
        return SignIn({each.id: each for each in providers}, self.public_url or "", frozenset(self.allow_private))

    def bounds(self) -> Bounds:
        """The bounds of calls, as the gateway takes them."""
        return Bounds(
            deadlines=Deadlines(
                connect=self.connect_seconds,
                first_byte=self.first_byte_seconds,
                idle=self.idle_seconds,
                total=self.total_seconds,
            ),
            body_bytes=self.body_bytes,
            reply_bytes=self.reply_bytes,
            calls_at_once=self.calls_at_once,
            body_seconds=self.body_seconds,
        )


LIVE = frozenset(name for name, field in Settings.model_fields.items() if (field.description or "").endswith("Live."))


def load_settings(environ: Mapping[str, str], **given: object) -> Settings:
    """The settings of this process: what was given on the command line, over the environment, over the file.

    Raises SetupError that names the setting at fault and where it stands.
    """
    told = {name: value for name, value in given.items() if value is not None}
    environment = _environment(environ)
    data = Path(str(told.get("data") or environment.get("data") or default_data())).expanduser()
    try:
        return Settings.model_validate({**_file(data / FILE_NAME), **environment, **told, "data": data})
    except ValidationError as error:
        raise SetupError(_what_is_wrong(error)) from None


def reload_live(old: Settings, environ: Mapping[str, str]) -> Settings:
    """The old settings with the live ones read again. Raises SetupError; the old ones then stay in force."""
    fresh = {**_file(old.data / FILE_NAME), **_environment(environ)}
    fixed = {name: value for name, value in old.model_dump(exclude_unset=True).items() if name not in LIVE}
    live = {name: value for name, value in fresh.items() if name in LIVE}
    try:
        return Settings.model_validate({**fixed, **live})
    except ValidationError as error:
        raise SetupError(_what_is_wrong(error)) from None


def variable_of(name: str) -> str:
    """The environment variable of a setting."""
    return PLAIN_NAMES.get(name, PREFIX + name.upper())


def _environment(environ: Mapping[str, str]) -> dict[str, Any]:
    """What the environment says. Raises SetupError when a `_FILE` twin cannot be read."""
    found: dict[str, Any] = {}
    for name in Settings.model_fields:
        variable = variable_of(name)
        if environ.get(variable):
            found[name] = environ[variable]
        elif path := environ.get(f"{variable}_FILE"):
            try:
                found[name] = Path(path).read_text("utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                raise SetupError(f"{variable}_FILE cannot be read: {error}") from error
    return found


def _file(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SetupError(f"{path.name} cannot be read: {error}") from error


def _what_is_wrong(error: ValidationError) -> str:
    faults = [
        ": ".join(
            part for part in (".".join(map(str, fault["loc"])), fault["msg"].removeprefix("Value error, ")) if part
        )
        for fault in error.errors(include_url=False)
    ]
    return "settings are wrong: " + "; ".join(faults)

"""Every process knob, read once: the environment over `modelhall.toml`; each variable has a `_FILE` twin."""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from modelhall.domain.errors import SetupError
from modelhall.gateway.desk import Bounds
from modelhall.gateway.upstream import Deadlines

PREFIX = "MODELHALL_"
PLAIN_NAMES = {"database_url": "DATABASE_URL", "valkey_url": "VALKEY_URL"}
"""Settings whose variable has no prefix, because every host names it so."""
FILE_NAME = "modelhall.toml"


def _listed(value: object) -> object:
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


Words = Annotated[tuple[str, ...], BeforeValidator(_listed)]


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
    public_url: str | None = Field(
        None, description="The address under which people reach the page, where a proxy stands before it."
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
    faults = [f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors(include_url=False)]
    return "settings are wrong: " + "; ".join(faults)

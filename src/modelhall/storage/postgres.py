"""PostgreSQL: from a person's address to a pool whose connections see the schema `modelhall`."""

from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

SCHEMA = "modelhall"
POOL, OVERFLOW = 5, 5
CONNECT_SECONDS = 10

# The driver would send these to the server as if they were settings of the session.
ONLY_LIBPQ = frozenset(
    {
        "connect_timeout",
        "channel_binding",
        "gssencmode",
        "keepalives",
        "keepalives_idle",
        "keepalives_interval",
        "pgbouncer",
    }
)


def postgres_engines(url: str) -> tuple[AsyncEngine, AsyncEngine]:
    """The engine that writes and the one that reads; both share one pool of at most ten connections.

    Reads see one state of the database from their first statement to their last.
    """
    writer = create_async_engine(
        "postgresql+asyncpg://",
        connect_args={
            "dsn": driver_address(url),
            "timeout": CONNECT_SECONDS,
            "server_settings": {"search_path": SCHEMA, "application_name": "modelhall", "timezone": "UTC"},
        },
        pool_size=POOL,
        max_overflow=OVERFLOW,
        pool_timeout=CONNECT_SECONDS,
        pool_pre_ping=True,
        hide_parameters=True,
    )
    return writer, writer.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def driver_address(url: str) -> str:
    """The address as the driver reads it: `postgresql://`, TLS options kept, options that only libpq knows left out."""
    parts = urlsplit(url)
    options = [
        (name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name not in ONLY_LIBPQ
    ]
    return urlunsplit(("postgresql", parts.netloc, parts.path, urlencode(options), ""))

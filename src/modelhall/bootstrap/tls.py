"""The server's own TLS: its certificate, read again when the file changes, so that a renewed one needs no new start."""

import asyncio
import logging
import ssl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from modelhall.bootstrap.beside import beside
from modelhall.domain.errors import SetupError
from modelhall.settings import Settings

LOOK_S = 5.0

log = logging.getLogger(__name__)


@asynccontextmanager
async def tls_of(settings: Settings) -> AsyncGenerator[ssl.SSLContext | None]:
    """What connections are secured with; `None` without a certificate. Raises SetupError for one that is none."""
    if settings.tls_cert is None:
        yield None
        return
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    _load(context, settings.tls_cert, settings.tls_key)
    async with beside(_renewed(context, settings.tls_cert, settings.tls_key)):
        yield context


def _load(context: ssl.SSLContext, certificate: Path, key: Path | None) -> None:
    try:
        # A key with a passphrase would make the server wait at a terminal that is not there.
        context.load_cert_chain(certificate, key, password=_no_passphrase)
    except (OSError, ValueError) as error:
        where = certificate if key is None else f"{certificate} with {key}"
        raise SetupError(f"tls_cert: {where} cannot be used: {getattr(error, 'strerror', None) or error}") from error


def _no_passphrase() -> str:
    raise ValueError("the key has a passphrase; give one without")


async def _renewed(context: ssl.SSLContext, certificate: Path, key: Path | None) -> None:
    """Connections made before keep what they have."""
    seen = _stamp(certificate)
    while True:
        await asyncio.sleep(LOOK_S)
        stamp = _stamp(certificate)
        if stamp == seen or stamp is None:
            continue
        try:
            _load(context, certificate, key)
        except SetupError as error:
            log.error("the new certificate is not taken over: %s", error.message)
        else:
            log.info("%s was read again", certificate)
        seen = stamp


def _stamp(file: Path) -> tuple[int, int] | None:
    with suppress(OSError):
        found = file.stat()
        return found.st_mtime_ns, found.st_ino
    return None

"""The way to a running server: HTTP to the address it wrote down."""

import ssl
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from urllib.parse import urlsplit

from modelhall.cli.client import Reply
from modelhall.cli.place import Running
from modelhall.domain.errors import NotReady

SILENCE_S = 900
"""A sync or a backup may work for a while before its first byte; Ctrl-C ends the waiting."""
PIECE = 64 * 1024


class Loopback:
    """A server's door."""

    def __init__(self, server: Running) -> None:
        self.address = server.address.rstrip("/")
        self.token = server.token
        self._certificate = server.certificate

    @contextmanager
    def call(self, method: str, target: str, headers: Mapping[str, str], body: bytes | None) -> Generator[Reply]:
        """One request over a connection of its own. Raises NotReady."""
        where = urlsplit(self.address)
        connection = self._connection(where.hostname or "127.0.0.1", where.port or 80)
        try:
            response = self._asked(connection, method, where.path + target, headers, body)
            told = {name.lower(): value for name, value in response.getheaders()}
            yield Reply(response.status, told, self._chunks(response))
        finally:
            connection.close()

    def _connection(self, host: str, port: int) -> HTTPConnection:
        if self._certificate is None:
            return HTTPConnection(host, port, timeout=SILENCE_S)
        try:
            # Its own certificate and no other, whatever name stands in it: this machine is not what it is made out for.
            trust = ssl.create_default_context(cafile=self._certificate)
        except OSError as error:
            raise NotReady(f"The server's certificate {self._certificate} cannot be read: {error.strerror}.") from error
        trust.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        trust.check_hostname = False
        return HTTPSConnection(host, port, timeout=SILENCE_S, context=trust)

    def _asked(
        self, connection: HTTPConnection, method: str, target: str, headers: Mapping[str, str], body: bytes | None
    ) -> HTTPResponse:
        try:
            connection.request(method, target, body, dict(headers))
            return connection.getresponse()
        except (OSError, HTTPException) as error:
            raise NotReady(
                f"The server at {self.address} does not answer ({error}). See its log, or run `modelhall doctor`."
            ) from error

    def _chunks(self, response: HTTPResponse) -> Iterator[bytes]:
        whole, got = response.length, 0
        try:
            while chunk := response.read1(PIECE):
                got += len(chunk)
                yield chunk
        except (OSError, HTTPException) as error:
            raise self._cut() from error
        if whole is not None and got < whole:
            raise self._cut()

    def _cut(self) -> NotReady:
        return NotReady(f"The server at {self.address} hung up in the middle of its answer. See its log.")

"""A server that speaks TLS itself: one process and several, its commands, and a certificate that is renewed."""

from __future__ import annotations

import http.client
import shutil
import ssl
import subprocess
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.support.nginx import Certificate, new_certificate
from tests.whole.server import COMMAND, Server, server_on


def ask(server: Server, trust: ssl.SSLContext, path: str) -> http.client.HTTPResponse:
    port = urlsplit(server.address).port
    connection = http.client.HTTPSConnection("localhost", port, context=trust, timeout=30)
    connection.request("GET", path)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer


def trusting(made: Certificate) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(made.certificate))


@pytest.mark.parametrize("workers", [1, 2])
def test_a_server_speaks_tls_itself_and_its_commands_find_it(tmp_path: Path, workers: int) -> None:
    made = new_certificate(tmp_path)
    more = {"MODELHALL_TLS_CERT": str(made.certificate), "MODELHALL_TLS_KEY": str(made.key)}
    with server_on(tmp_path / "data", MODELHALL_WORKERS=str(workers), **more) as server:
        server.start()
        assert server.address.startswith("https://127.0.0.1:")
        answer = ask(server, trusting(made), "/healthz")
        assert (answer.status, answer.headers["strict-transport-security"]) == (200, "max-age=31536000")
        with pytest.raises(ssl.SSLCertVerificationError):
            ask(server, ssl.create_default_context(), "/healthz")
        key = server.json("key", "create", "over-tls")["key"]
        assert key.startswith("mh_")
        assert server.json("status", "--link")["link"].startswith("https://")
        old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        old.check_hostname, old.verify_mode, old.maximum_version = False, ssl.CERT_NONE, ssl.TLSVersion.TLSv1_2
        assert ask(server, old, "/healthz").status == 200
        if workers == 1:
            renew(tmp_path, made, server)
        server.stop()


def renew(folder: Path, made: Certificate, server: Server) -> None:
    """A new certificate in the place of the old one is taken up without a new start."""
    (folder / "new").mkdir()
    new = new_certificate(folder / "new")
    shutil.copy(new.key, made.key)
    shutil.copy(new.certificate, made.certificate)
    until = time.monotonic() + 30
    while time.monotonic() < until:
        try:
            ask(server, trusting(new), "/healthz")
        except ssl.SSLCertVerificationError:
            time.sleep(0.5)
        else:
            assert server.json("status")["ready"] in {True, False}
            return
    raise AssertionError("the new certificate was not taken up")


def test_a_certificate_that_is_none_is_named_at_the_start(tmp_path: Path) -> None:
    bad = tmp_path / "bad.pem"
    bad.write_text("no certificate")
    with server_on(tmp_path / "data", MODELHALL_TLS_CERT=str(bad)) as server:
        done = subprocess.run(
            (*COMMAND, "serve", "--port", "0", "--data", str(server.data)),
            capture_output=True,
            text=True,
            env=dict(server.environ),
            timeout=60,
            check=False,
        )
    assert done.returncode == 1
    assert f"tls_cert: {bad} cannot be used" in done.stderr

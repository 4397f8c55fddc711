"""A real nginx with TLS before a server, as an operator would set it up; its certificate is made for the test."""

from __future__ import annotations

import datetime
import ipaddress
import shutil
import socket
import subprocess
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

CONFIGURATION = """
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
worker_processes 1;
events {{ worker_connections 256; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{tls_port} ssl;
        ssl_certificate {certificate};
        ssl_certificate_key {key};
        {locations}
    }}
    server {{
        listen 127.0.0.1:{port};
        {locations}
    }}
}}
"""
LOCATION = """
        location {path} {{
            proxy_pass {target};
            proxy_http_version 1.1;
            proxy_set_header Host $http_host;
            proxy_set_header X-Forwarded-For $remote_addr;
            proxy_set_header X-Forwarded-Proto $scheme;
            proxy_set_header Connection "";
            proxy_buffering off;
        }}
"""


@dataclass(frozen=True, slots=True)
class Proxy:
    """Where it listens."""

    tls_port: int
    port: int


@dataclass(frozen=True, slots=True)
class Certificate:
    """A self-signed certificate for this machine."""

    certificate: Path
    key: Path


def free_port() -> int:
    """A port that nobody has just now."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


def new_certificate(folder: Path, name: str = "localhost") -> Certificate:
    """Made for the test, good for a day."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    names = x509.SubjectAlternativeName([x509.DNSName(name), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number()).add_extension(names, critical=False)
    builder = builder.not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(now + datetime.timedelta(1))
    made = Certificate(folder / "cert.pem", folder / "key.pem")
    made.certificate.write_bytes(builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM))
    made.key.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return made


@contextmanager
def nginx(folder: Path, proxy: Proxy, locations: dict[str, str]) -> Generator[None]:
    """It runs while the context lasts; `locations`: what it passes on, and where to."""
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
    assert program is not None, "install nginx: `make test` does"
    folder.mkdir(parents=True, exist_ok=True)
    made = new_certificate(folder)
    told = "".join(LOCATION.format(path=path, target=target) for path, target in locations.items())
    text = CONFIGURATION.format(
        folder=folder,
        tls_port=proxy.tls_port,
        port=proxy.port,
        certificate=made.certificate,
        key=made.key,
        locations=told,
    )
    (folder / "nginx.conf").write_text(text)
    running = subprocess.Popen(
        [program, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", str(folder / "early.log")]
    )
    try:
        _until_it_listens(proxy.tls_port, running, folder)
        yield
    finally:
        running.terminate()
        running.wait(10)


def _until_it_listens(port: int, running: subprocess.Popen[bytes], folder: Path) -> None:
    until = time.monotonic() + 20
    while running.poll() is None and time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"nginx did not start: {(folder / 'early.log').read_text()[-1000:]}")

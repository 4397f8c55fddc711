"""TLS with the system's trust and one's own: for the host that was meant, or not at all."""

import ssl
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from modelhall.domain.errors import ProviderCut, ProviderUnreachable
from modelhall.gateway.upstream import Upstream
from tests.gateway.wires.raw import CHUNKED, HELLO, QUICK, Visit, answering, asking, called, once, raw, until

Key = ec.EllipticCurvePrivateKey


def _certificate(
    subject: str, key: Key, issuer: str, signer: Key, names: list[x509.GeneralName] | None
) -> x509.Certificate:
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.BasicConstraints(ca=names is None, path_length=None), critical=True)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    if names is not None:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return builder.sign(signer, hashes.SHA256())


@pytest.fixture
def authority(tmp_path: Path) -> Callable[[list[x509.GeneralName]], tuple[str, ssl.SSLContext]]:
    """Makes the file of an authority, and what a server with a certificate of it for these names needs."""

    def make(names: list[x509.GeneralName]) -> tuple[str, ssl.SSLContext]:
        root, leaf = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
        pem = serialization.Encoding.PEM
        plain = (serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        (tmp_path / "ca.pem").write_bytes(_certificate("Den", root, "Den", root, None).public_bytes(pem))
        leaf_certificate = _certificate("server", leaf, "Den", root, names).public_bytes(pem)
        (tmp_path / "server.pem").write_bytes(leaf_certificate + leaf.private_bytes(pem, *plain))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.set_alpn_protocols(["h2", "http/1.1"])
        context.load_cert_chain(tmp_path / "server.pem")
        return str(tmp_path / "ca.pem"), context

    return make


Authority = Callable[[list[x509.GeneralName]], tuple[str, ssl.SSLContext]]


async def test_an_own_authority_is_trusted_and_the_connection_kept(authority: Authority) -> None:
    trusted, context = authority([x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))])
    async with Upstream.open(ca_file=trusted) as upstream:
        for named in ("localhost", "127.0.0.1"):
            async with raw(answering(HELLO), trust=context, named=named) as provider:
                for _ in range(3):
                    assert await called(upstream, provider, bytes(300_000)) == (200, b"hello")
                assert (provider.visits, upstream.pools.kept) == (1, 1)
            await until(lambda: upstream.pools.open == 0)


async def test_a_certificate_for_another_host_is_refused(authority: Authority) -> None:
    trusted, context = authority([x509.DNSName("other.example")])
    async with Upstream.open(ca_file=trusted) as upstream:
        for named in ("localhost", "127.0.0.1"):
            async with raw(answering(HELLO), trust=context, named=named) as provider:
                with pytest.raises(ProviderUnreachable, match="its certificate is for another host$"):
                    await called(upstream, provider)
        assert upstream.pools.open == 0


async def test_a_stranger_is_not_trusted(authority: Authority) -> None:
    _, context = authority([x509.DNSName("localhost")])
    async with Upstream.open() as upstream, raw(answering(HELLO), trust=context, named="localhost") as provider:
        with pytest.raises(ProviderUnreachable, match="its certificate is not trusted") as told:
            await called(upstream, provider)
    assert "localhost" not in told.value.message
    assert "127.0.0.1" not in told.value.message


async def test_a_server_without_tls_is_unreachable() -> None:
    async def plain(visit: Visit) -> None:
        await visit.reader.read(100)
        await visit.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    async with Upstream.open() as upstream, raw(plain) as provider:
        provider.url = provider.url.replace("http:", "https:")
        with pytest.raises(ProviderUnreachable, match="no connection to the provider: "):
            await called(upstream, provider)


async def test_a_cut_inside_tls_is_a_cut(authority: Authority) -> None:
    trusted, context = authority([x509.DNSName("localhost")])
    async with Upstream.open(ca_file=trusted) as upstream:
        for reset in (False, True):
            script = once(CHUNKED, b"5\r\nhello\r\n", reset=reset)
            async with (
                raw(script, trust=context, named="localhost") as provider,
                upstream.send(asking(provider), QUICK) as answer,
            ):
                assert await answer.read() == b"hello"
                with pytest.raises(ProviderCut):
                    await answer.read()

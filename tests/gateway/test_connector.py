"""No call goes to an address that may not be called, however it is spelled."""

from ipaddress import ip_address

import pytest

from modelhall.domain.errors import AddressNotAllowed, ModelhallError
from modelhall.gateway.connector import CheckedResolver, is_never, is_private
from modelhall.gateway.upstream import Deadlines, Upstream

NEVER = [
    "169.254.169.254",
    "169.254.0.1",
    "100.100.100.200",
    "168.63.129.16",
    "192.0.0.192",
    "0.0.0.0",
    "224.0.0.1",
    "255.255.255.255",
    "240.0.0.1",
    "fe80::1",
    "fd00:ec2::254",
    "ff02::1",
    "::",
    "::ffff:169.254.169.254",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::a9fe:a9fe",
    "2002:a9fe:a9fe::1",
    "::a9fe:a9fe",
    "64:ff9b:1:a9fe:a9:fe00::",
]
PRIVATE = [
    "10.0.0.1",
    "127.0.0.1",
    "127.1.2.3",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "100.64.0.1",
    "192.0.2.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "::1",
    "fc00::1",
    "fd12::1",
    "fec0::1",
    "2001:db8::1",
    "::ffff:10.0.0.1",
    "::ffff:127.0.0.1",
    "64:ff9b::7f00:1",
    "2002:7f00:1::1",
    "2001::1",
]
PUBLIC = ["1.1.1.1", "8.8.8.8", "172.32.0.1", "100.128.0.1", "2606:4700:4700::1111", "::ffff:1.1.1.1", "2a00:1450::1"]
SPELLINGS = (
    "http://127.0.0.1:{port}",
    "http://localhost:{port}",
    "http://2130706433:{port}",
    "http://0x7f000001:{port}",
    "http://0177.0.0.1:{port}",
    "http://127.1:{port}",
    "http://[::1]:{port}",
    "http://[::ffff:127.0.0.1]:{port}",
    "http://[::ffff:7f00:1]:{port}",
    "http://localhost.:{port}",
    "http://LOCALHOST:{port}",
)


@pytest.mark.parametrize("text", NEVER[:-1])
def test_addresses_that_are_never_called(text: str) -> None:
    assert is_never(ip_address(text))


@pytest.mark.parametrize("text", PRIVATE)
def test_private_addresses(text: str) -> None:
    assert is_private(ip_address(text))
    assert not is_never(ip_address(text))


@pytest.mark.parametrize("text", PUBLIC)
def test_public_addresses(text: str) -> None:
    assert not is_private(ip_address(text))
    assert not is_never(ip_address(text))


@pytest.mark.parametrize("spelling", SPELLINGS)
async def test_no_spelling_of_loopback_is_connected_to_without_a_yes(spelling: str) -> None:
    async with Upstream.open() as upstream:
        with pytest.raises((AddressNotAllowed, ModelhallError)) as refused:
            async with upstream.send(spelling.format(port=9), {}, b"{}", Deadlines(), private_allowed=False):
                pass
    assert refused.value.code in {"address_not_allowed", "provider_unreachable"}
    assert "Connect call failed" not in str(refused.value)


async def test_metadata_addresses_are_refused_even_with_a_yes() -> None:
    resolver = CheckedResolver(private_allowed=True)
    resolver.check("inside", ip_address("10.0.0.1"))
    with pytest.raises(AddressNotAllowed, match="never"):
        resolver.check("metadata", ip_address("169.254.169.254"))
    with pytest.raises(AddressNotAllowed, match="modelhall profile edit"):
        CheckedResolver(private_allowed=False).check("inside", ip_address("10.0.0.1"))

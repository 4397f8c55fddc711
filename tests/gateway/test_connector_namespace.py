"""In a network where every address is a canary, no way out reaches one that must not be reached."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.gateway.spellings import hosts, never_hosts

ROOT = Path(__file__).resolve().parents[2]
WAYS = ("call", "discovery", "connector")
WITH_A_YES = ("probe", "connector with a yes")
PATHS = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/sbin"))
# All that a proxy variable could lead to is a canary too.
PROXIES = dict.fromkeys(("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY"), "http://127.0.0.1:80")


@cache
def findings(tries: int) -> dict[str, Any]:
    """What the namespace saw; made once for all tests of this file."""
    missing = {"unshare": "util-linux", "mount": "mount", "ip": "iproute2"}
    packages = [package for program, package in missing.items() if shutil.which(program, path=PATHS) is None]
    assert not packages, f"install {' '.join(packages)}: this test makes a network namespace"
    user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    told = subprocess.run(
        ["unshare", *user, "--net", "--mount", sys.executable, "-m", "tests.gateway.namespace", str(tries)],
        cwd=ROOT,
        env={"PATH": PATHS, "PYTHONPATH": os.pathsep.join((str(ROOT / "src"), str(ROOT))), **PROXIES},
        capture_output=True,
        text=True,
        timeout=1200,
        check=False,
    )
    assert told.returncode == 0, f"no namespace could be made; run this test as root\n{told.stderr[-3000:]}"
    return json.loads(told.stdout)


@pytest.fixture
def found(how_many: Callable[[int, int], int]) -> dict[str, Any]:
    return findings(how_many(12, 1000))


@pytest.mark.full
@pytest.mark.parametrize("way", [*WAYS, *WITH_A_YES])
def test_a_public_address_is_reached_so_the_canaries_sing(found: dict[str, Any], way: str) -> None:
    reachable = found["reachable"][way]
    assert (reachable["tried"], reachable["reached"], reachable["hits"]) == (1, 1, [])
    assert reachable["opened"] >= 1


@pytest.mark.full
def test_a_yes_reaches_a_private_address_so_that_canaries_there_sing_too(found: dict[str, Any]) -> None:
    assert sorted(found["yes"]["hits"]) == ["10.0.0.1", "127.0.0.1"]


@pytest.mark.full
@pytest.mark.parametrize("way", WAYS)
def test_no_spelling_of_the_houses_own_network_is_connected_to(found: dict[str, Any], way: str) -> None:
    swept = found["hosts"][way]
    assert swept["tried"] == len(hosts()) >= 180
    assert swept["hits"] == []
    assert "200" not in swept["told"]
    assert way == "call" or swept["opened"] == 0, "not even a first packet went out"


@pytest.mark.full
@pytest.mark.parametrize("way", WITH_A_YES)
def test_metadata_addresses_are_not_connected_to_even_with_a_yes(found: dict[str, Any], way: str) -> None:
    swept = found["hosts"][way]
    assert 80 <= swept["tried"] <= len(never_hosts())
    assert (swept["hits"], swept["opened"]) == ([], 0)


@pytest.mark.full
def test_no_name_that_changes_its_mind_leads_inside(found: dict[str, Any]) -> None:
    assert {lie: told["hits"] for lie, told in found["names"].items() if told["hits"]} == {}
    assert found["questions"] > 100
    for way in WAYS:
        seen = {policy: found["names"][f"{way}: {policy}"]["told"] for policy in ("flip", "flop", "mixed", "aaaa")}
        assert set(seen["mixed"]) == set(seen["aaaa"]) == {"address_not_allowed"}, "one bad address spoils the set"
        assert seen["flip"].keys() == seen["flop"].keys() >= {"address_not_allowed"}
        assert len(seen["flip"]) == 2, "the honest half was reached"


@pytest.mark.full
@pytest.mark.parametrize("way", WAYS)
def test_no_redirect_is_followed(found: dict[str, Any], way: str) -> None:
    swept = found["redirects"][way]
    assert (swept["tried"], swept["hits"]) == (5, [])
    assert swept["reached"] >= 5

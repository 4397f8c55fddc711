"""The snippets for programs that are installed here truly work as they are printed."""

from __future__ import annotations

import json
import shlex
import subprocess
from pathlib import Path

from tests.sdks.conftest import PYTHON, Place
from tests.sdks.vendor import MODELS

TALK = "gpt/talk"


def printed(place: Place, program: str, *options: str) -> str:
    """What the command prints for that program."""
    return place.server.run("snippet", program, "--models", TALK, "--key", "sdks", *options)


def test_the_program_for_langchain_says_hello(place: Place, tmp_path: Path) -> None:
    program = tmp_path / "hello.py"
    program.write_text(printed(place, "langchain"))
    assert place.run(str(PYTHON), str(program)).strip() == "Hello there."


def test_the_models_for_llm_answer(place: Place, tmp_path: Path) -> None:
    (tmp_path / "extra-openai-models.yaml").write_text(printed(place, "llm"))
    (tmp_path / "keys.json").write_text(json.dumps({"modelhall": place.key}))
    environ = {**place.environ, "LLM_USER_PATH": str(tmp_path)}
    words = (str(PYTHON.with_name("llm")), "-m", TALK, "--no-stream", "Say hello.")
    done = subprocess.run(words, env=environ, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "Hello there."


def test_the_variables_lead_both_sdks_here(place: Place) -> None:
    ask = {
        "openai": "import openai; chat = openai.OpenAI().chat.completions; key = 'choices'",
        "anthropic": "import anthropic; chat = anthropic.Anthropic().messages; key = 'content'",
    }
    for program, begin in ask.items():
        code = (
            f"{begin}; m = [{{'role': 'user', 'content': 'Say hello.'}}];"
            f" print(chat.create(model={TALK!r}, max_tokens=20, messages=m).to_dict()[key])"
        )
        lines = f"{printed(place, program)}exec {shlex.quote(str(PYTHON))} -c {shlex.quote(code)}"
        assert "Hello there." in place.run("sh", "-c", lines), program


def test_every_model_is_offered_when_none_is_named(place: Place) -> None:
    told = place.server.json("snippet", "librechat", "--key", "sdks")
    assert {f"gpt/{name}" for name in MODELS} - set(told["models"]) == set()
    assert told["address"] == place.server.address

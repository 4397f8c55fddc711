"""The command-line tool `llm`, unmodified, with its own way of naming further OpenAI-compatible models."""

import base64
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.sdks.clients.facts import HELLO, LOCAL, PNG, SCHEMA, Facts, Hall, main

LLM = str(Path(sys.executable).with_name("llm"))
CAN = "supports_schema: true\n  supports_tools: true\n  vision: true"
FUNCTION = 'def weather(city: str) -> str:\n    "Tells it"\n    return f"sunny in {city}"\n'


def facts(hall: Hall) -> Facts:
    with tempfile.TemporaryDirectory() as folder:
        command = Command(hall, Path(folder))
        names = [f"{{}}/{name}" for name in NEEDED] + [hall.own("cut")]
        command.configure([LOCAL, *(name.format(profile) for profile in ("gpt", "claude") for name in names)])
        return {
            "gpt": on_profile(command, "gpt"),
            "claude": on_profile(command, "claude"),
            "refused": command.run("-m", "gpt/talk", "--key", "mh_no-such-key", HELLO)[1:],
            "local": {"text": command.run("-m", LOCAL, "-o", "max_tokens", "12", HELLO)[0]},
        }


NEEDED = ("talk", "json", "parallel", "image")


class Command:
    """`llm` with a folder of its own."""

    def __init__(self, hall: Hall, folder: Path) -> None:
        self.hall = hall
        self.folder = folder
        self.environ = {**os.environ, "LLM_USER_PATH": str(folder), "LLM_OPENAI_MAX_RETRIES": "0"}

    def configure(self, models: list[str]) -> None:
        entries = [
            f"- model_id: {model}\n  model_name: {model}\n  api_base: {self.hall.address}/v1\n"
            f"  api_key_name: modelhall\n  {CAN}\n"
            for model in models
        ]
        (self.folder / "extra-openai-models.yaml").write_text("".join(entries))
        (self.folder / "keys.json").write_text(json.dumps({"modelhall": self.hall.key}))

    def run(self, *words: str) -> tuple[str, str, int]:
        """What it says, what it complains about, and its status."""
        done = subprocess.run((LLM, *words), env=self.environ, capture_output=True, text=True, timeout=60, check=False)
        return done.stdout.strip(), done.stderr.strip(), done.returncode


def on_profile(command: Command, profile: str) -> Facts:
    picture = command.folder / "picture.png"
    picture.write_bytes(base64.b64decode(PNG))
    whole, told, _ = command.run("-m", f"{profile}/talk", "--no-stream", "--usage", HELLO)
    cut, why, status = command.run("-m", command.hall.own("cut").format(profile), HELLO)
    return {
        "text": whole,
        "usage_words": told,
        "schema": json.loads(command.run("-m", f"{profile}/json", "--schema", json.dumps(SCHEMA), HELLO)[0]),
        "after_tools": command.run("-m", f"{profile}/parallel", "--functions", FUNCTION, HELLO)[0],
        "picture": command.run("-m", f"{profile}/image", "-a", str(picture), HELLO)[0],
        "cut": {"raised": why, "status": status, "before": cut},
    }


if __name__ == "__main__":
    main(facts)

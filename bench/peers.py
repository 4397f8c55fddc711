"""Other gateways, each in its own environment with pinned packages, set up as its own guide says."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from pathlib import Path

from bench.candidates import Candidate, Launch, new_folder
from bench.instruments import BUILD, MODEL, Place, Target
from bench.processes import BenchError, free_port

LOCK = Path(__file__).resolve().parent / "peers" / "litellm.lock"
INSTALL_S = 20 * 60
KEY = "sk-bench-0000000000000000"

LITELLM_CONFIGURATION = """
model_list:
  - model_name: {model}
    litellm_params:
      model: openai/{model}
      api_base: http://127.0.0.1:{upstream}/v1
      api_key: x
      input_cost_per_token: 0.00000015
      output_cost_per_token: 0.0000006
litellm_settings:
  telemetry: false
  set_verbose: false
general_settings:
  master_key: {key}
"""

# As its guide advises for production; the price list that ships with it instead of one from the network.
LITELLM_ENVIRONMENT = {"LITELLM_MODE": "PRODUCTION", "LITELLM_LOG": "ERROR", "LITELLM_LOCAL_MODEL_COST_MAP": "True"}


def prepare_litellm(place: Place) -> Launch:
    """LiteLLM's proxy with one worker and no database: it keeps no keys and no books."""
    program = litellm_environment() / "bin" / "litellm"
    folder, port = new_folder(place, "litellm"), free_port()
    configuration = folder / "config.yaml"
    configuration.write_text(
        LITELLM_CONFIGURATION.format(model=MODEL, upstream=place.upstream, key=KEY), encoding="utf-8"
    )
    command = (str(program), "--config", str(configuration), "--host", "127.0.0.1", "--port", str(port))
    command += ("--num_workers", "1", "--telemetry", "False")
    header = f"Authorization: Bearer {KEY}"
    return Launch("litellm", command, Target(port, (header,), MODEL), folder, LITELLM_ENVIRONMENT)


def litellm_environment() -> Path:
    """Its virtual environment, made when the lock is new; this takes minutes the first time. Raises BenchError."""
    venv = BUILD / "litellm"
    stamp, key = venv / "bench-stamp", hashlib.sha256(LOCK.read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == key:
        return venv
    print("bench: installing LiteLLM's proxy; this takes some minutes", file=sys.stderr, flush=True)
    pip = [str(venv / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    locked = ["--require-hashes", "--no-deps", "--only-binary=:all:", "-r", str(LOCK)]
    for command in ([sys.executable, "-m", "venv", "--clear", str(venv)], [*pip, *locked]):
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, timeout=INSTALL_S, check=False, preexec_fn=be_nice
            )
        except subprocess.TimeoutExpired as error:
            raise BenchError(f"installing LiteLLM took longer than {INSTALL_S // 60} minutes") from error
        if done.returncode:
            raise BenchError(f"LiteLLM cannot be installed:\n{done.stderr.strip()[-2000:]}")
    stamp.write_text(key)
    return venv


def be_nice() -> None:
    """Leave the machine to whoever needs it."""
    os.nice(10)


def litellm_title(launch: Launch) -> str:
    """Its name with its pinned version."""
    pin = re.search(r"^litellm==([^\s;\\]+)", LOCK.read_text(encoding="utf-8"), re.MULTILINE)
    return f"LiteLLM proxy {pin[1] if pin else ''} (no database)"


PEERS = [Candidate("litellm", prepare_litellm, litellm_title)]

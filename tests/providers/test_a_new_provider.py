"""A new compatible provider is one file, one recording and one test, under forty lines together; the rest follows."""

from __future__ import annotations

import json
from pathlib import Path

from modelhall.dialects import openai_chat
from modelhall.dialects.dialect import Ask
from modelhall.domain.usage import Usage
from modelhall.providers.prepare import request_for, target_of
from modelhall.providers.registry import discover, provider_named
from tests.replay import Cassette

VENDOR = '''"""Acme: models of our own."""

from modelhall.providers.lists import read_list
from modelhall.providers.provider import Discovery, Links, Provider, openai_at

PROVIDER = Provider(
    name="acme",
    title="Acme",
    origin="https://api.acme.example",
    speaks=openai_at("/v1"),
    key_env=("ACME_API_KEY",),
    discovery=Discovery("/v1/models", read_list),
    links=Links(keys="https://acme.example/keys", docs="https://acme.example/docs"),
)
'''
RECORDING = """# origin: built from https://acme.example/docs, 2026-11-20
# request: POST /v1/chat/completions
# status: 200
# content-type: application/json
# dialect: openai_chat
# usage: {"input": 5, "output": 2}
# ---
{"choices":[{"message":{"content":"Hi"}}],"usage":{"prompt_tokens":5,"completion_tokens":2,"total_tokens":7}}
"""
TEST = '''"""Acme is in the registry."""

from modelhall.providers.registry import providers


def test_acme_is_listed() -> None:
    assert providers()["acme"].title == "Acme"
'''


def test_three_small_files_make_a_provider(tmp_path: Path) -> None:
    assert sum(len(text.splitlines()) for text in (VENDOR, RECORDING, TEST)) < 40
    (tmp_path / "acme.py").write_text(VENDOR)
    (tmp_path / "chat.json").write_text(RECORDING)
    known = discover(tmp_path)
    assert set(discover()) == set(known) - {"acme"}, "without the file it is not there"
    acme = provider_named("acme", known)

    request = request_for(target_of(acme, key="k"), openai_chat, {})
    assert request.url == "https://api.acme.example/v1/chat/completions"
    assert acme.discovery is not None
    assert [model.id for model in acme.discovery.read(b'{"data":[{"id":"roadrunner-1"}]}')] == ["roadrunner-1"]

    cassette = Cassette.load(tmp_path / "chat.json")
    reader = openai_chat.reader(Ask(model="m"), acme.reads_usage.get(openai_chat))
    reader.feed(cassette.body)
    reader.end()
    assert reader.usage == Usage(**json.loads(cassette.head["usage"]))

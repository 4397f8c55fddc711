"""A stranger's file: read with the place of each mistake, and refused before it costs anything."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import pytest

from modelhall.domain.errors import BadRequest, ModelhallError
from modelhall.services.files.read_document import read_document

TOML = """
[modelhall]
format = 1

[[profile]]
id = "work"
provider = "openai"
keys = ["env:OPENAI_API_KEY"]
region = "no"

[[model]]
name = "work/gpt"
price = { usd_per_million = { input = "2.5" } }

[model.parameters.temperature]
taken = false
"""
YAML = """
modelhall: {format: 1}
profile:
  - id: work
    provider: openai
    keys: ["env:OPENAI_API_KEY"]
    region: no
model:
  - name: work/gpt
    price: {usd_per_million: {input: "2.5"}}
    parameters:
      temperature: {taken: false}
"""
JSON = """{"modelhall": {"format": 1},
"profile": [{"id": "work", "provider": "openai", "keys": ["env:OPENAI_API_KEY"], "region": "no"}],
"model": [{"name": "work/gpt", "price": {"usd_per_million": {"input": "2.5"}},
"parameters": {"temperature": {"taken": false}}}]}"""

HALF = 1_950_000
BOMBS: dict[str, Callable[[], bytes]] = {
    "laughs.yaml": lambda: b"a: &a [lol, lol]\nb: &b [*a, *a, *a, *a]\nc: [*b, *b, *b, *b]",
    "deep.yaml": lambda: b"[" * HALF,
    "dashes.yaml": lambda: b"- " * HALF,
    "questions.yaml": lambda: b"? " * HALF,
    "wide.yaml": lambda: b"a: [" + b"1," * HALF + b"]",
    "long.yaml": lambda: b'a: "' + b"\\n" * HALF + b'"',
    "python.yaml": lambda: b"a: !!python/object/apply:os.system [id]",
    "digits.yaml": lambda: b"modelhall: {format: " + b"9" * 100_000 + b"}",
    "deep.toml": lambda: b"a=" + b"[\n" * HALF,
    "tables.toml": lambda: b"a=" + b"{a=" * (HALF // 2),
    "dots.toml": lambda: b"a." * HALF + b"a=1",
    "quoted.toml": lambda: b'"a".' * (HALF // 2) + b"a=1",
    "heads.toml": lambda: b"[" + b"a." * HALF + b"a]",
    "wide.toml": lambda: b"a=[" + b"1," * HALF + b"]",
    "entries.toml": lambda: b"[[profile]]\n" * (HALF // 6),
    "escapes.toml": lambda: b'a="""' + b"\\n" * HALF + b'"""',
    "quotes.toml": lambda: b'"' * HALF,
    "lines.toml": lambda: b"\n" * HALF,
    "digits.toml": lambda: b"a=" + b"9" * 100_000,
    "deep.json": lambda: b"[" * HALF,
    "objects.json": lambda: b'{"a":' * (HALF // 3),
    "few-deep.json": lambda: b"[" * 50_000,
    "wide.json": lambda: b'{"a":[' + b"[]," * HALF + b"1]}",
    "digits.json": lambda: b'{"a":' + b"9" * 100_000 + b"}",
    "nan.json": lambda: b'{"a":NaN}',
    "sparse.toml": lambda: b"\0" * 50_000_000,
}
MEASURED = """
import sys, time, tracemalloc
from importlib import import_module
from modelhall.domain.errors import ModelhallError
from modelhall.services.files.read_document import read_document
import_module("yaml")
name, data = sys.argv[1], sys.stdin.buffer.read()
def refused():
    try:
        read_document(data, name)
    except ModelhallError:
        return True
begun = time.process_time()
assert refused()
took = time.process_time() - begun
tracemalloc.start()
refused()
print(took, tracemalloc.get_traced_memory()[1])
"""


@pytest.mark.parametrize(("text", "file"), [(TOML, "a.toml"), (YAML, "a.yaml"), (YAML, "a.yml"), (JSON, "a.json")])
def test_one_document_has_three_forms(text: str, file: str) -> None:
    document, _ = read_document(text.encode(), file)
    assert document == read_document(TOML.encode(), "a.toml")[0]
    assert document.profiles[0].region == "no"
    assert document.models[0].name == "work/gpt"


@pytest.mark.parametrize(
    ("text", "file", "words"),
    [
        (TOML.replace("region", "colour"), "a.toml", "a.toml, line 9: profile.work.colour: "),
        (YAML.replace("region", "colour"), "a.yaml", "a.yaml, line 7: profile.work.colour: "),
        (TOML.replace("taken = false", "taken = 3"), "a.toml", "a.toml, line 11: model.work/gpt.parameters"),
        (TOML.replace("format = 1", "format = 2"), "a.toml", "a.toml, line 3: modelhall.format: this is format 2"),
        (
            TOML + TOML[TOML.index("[[profile]]") :],
            "a.toml",
            "a.toml, line 17: profile.work: profile work is there twice",
        ),
        ('[[alias]]\nname = "x"', "a.toml", "a.toml, line 1: alias.x: "),
        ("[[profile]\n", "a.toml", "line 1"),
        ("a: [", "a.yaml", "a.yaml: line 2: "),
        ("a: 1\na: 2", "a.yaml", "line 2: the field 'a' is there twice"),
        ('{"a": 1, "a": 2}', "a.json", "the field 'a' is there twice"),
        ("a: &x 1\nb: *x", "a.yaml", "line 1: anchors and aliases are not read"),
        ("a: !!int 1", "a.yaml", "tags such as"),
        ("a: 1\n---\nb: 1", "a.yaml", "line 2: write one document"),
        ("- 1", "a.yaml", "write a table"),
        ("a = nan", "a.toml", "a is no number"),
        ("at = 2026-01-01T00:00:00Z", "a.toml", "write the time as text"),
        ('{"a": "\\ud800"}', "a.json", "a character"),
        ("", "a.txt", "ends in .toml"),
    ],
)
def test_a_mistake_is_told_with_file_line_and_field(text: str, file: str, words: str) -> None:
    with pytest.raises(BadRequest) as caught:
        read_document(text.encode(), file)
    assert words in caught.value.message


def test_a_file_in_another_encoding_is_refused() -> None:
    with pytest.raises(BadRequest, match="UTF-8"):
        read_document(TOML.encode("utf-16"), "a.toml")


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_at_once_and_without_much_memory(name: str) -> None:
    with pytest.raises(ModelhallError):
        read_document(BOMBS[name](), name)


@pytest.mark.full
def test_a_bomb_takes_half_a_second_and_32_megabytes_at_most(how_many: Callable[[int, int], int]) -> None:
    measured = [*BOMBS][: how_many(2, len(BOMBS))] + ["wide.yaml", "digits.toml"]
    for name in measured:
        ran = subprocess.run(
            [sys.executable, "-c", MEASURED, name], input=BOMBS[name](), capture_output=True, check=True
        )
        seconds, most = map(float, ran.stdout.split())
        assert (name, seconds <= 0.5, most <= 32_000_000) == (name, True, True), (seconds, most)

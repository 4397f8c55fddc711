"""Writes `docs/reference` from the code, or with `--check` says which page is not fresh.

Pages: settings, errors, commands, routes (with openapi.json), providers and troubleshooting. Each is a function from
the code to text.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "src" / "modelhall"
REFERENCE = ROOT / "docs" / "reference"
MADE = "<!-- Written by `make docs` from the code. Do not edit. -->"
METHODS = ("get", "put", "post", "delete", "options", "head", "patch")
# Where each page's facts stand: module, and what is read from it.
SETTINGS = ("modelhall.settings", "Settings")
VARIABLE_OF = ("modelhall.settings", "variable_of")
ERRORS = ("modelhall.domain.errors", "ModelhallError")
COMMANDS = ("modelhall.cli.main", "app")
CONTROL_API = ("modelhall.api.app", "openapi_document")
COMPAT_API = ("modelhall.api.compat.app", "compat_document")
DOORS = ("modelhall.gateway.doors.routes", "model_routes")
HELP = ("modelhall.services.help.topics", "ALL")
PROVIDERS = ("modelhall.providers.registry", "discover")


def main(arguments: Sequence[str]) -> int:
    """Write the pages; with `--check` write nothing and return 1 when one is not fresh."""
    check = "--check" in arguments
    wrong: list[str] = []
    for name, make in PAGES.items():
        try:
            if not put(REFERENCE / name, make(), check):
                wrong.append(f"docs/reference/{name} is not fresh: run `make docs`")
        except (ImportError, AttributeError) as missing:
            wrong.append(f"docs/reference/{name} cannot be made: {missing}")
    for line in wrong:
        print(line, file=sys.stderr)
    return 1 if wrong else 0


def put(file: Path, text: str, check: bool) -> bool:
    """Bring the file to this text, or say whether it has it already."""
    if file.exists() and file.read_text(encoding="utf-8") == text:
        return True
    if not check:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return not check


def settings() -> str:
    """Every process setting: name, variable, meaning, otherwise."""
    model, variable_of = part(SETTINGS), part(VARIABLE_OF)
    rows: list[list[str]] = []
    for name, field in model.model_fields.items():
        rows.append([code(name), code(variable_of(name)), field.description or "", default_of(field)])
    return page(
        "Settings",
        "Each can be set in the environment or in `modelhall.toml`; the environment wins. Each variable has a twin "
        "with `_FILE` at the end that names a file with the value.",
        table(("in modelhall.toml", "variable", "meaning", "otherwise"), rows),
    )


def errors() -> str:
    """Every error code: status, whether trying again helps, meaning."""
    rows = [
        [code(kind.code), str(kind.status), "yes" if kind.retryable else "no", first_line(kind)]
        for kind in sorted(family(part(ERRORS)), key=lambda kind: (kind.status, kind.code))
    ]
    return page(
        "Errors",
        "Every error answer holds the code, whatever its shape. *Again*: whether the same request may work later.",
        table(("code", "status", "again", "meaning"), rows),
    )


def commands() -> str:
    """Every command with its options."""
    command, given = part(COMMANDS), sys.argv
    # Usage lines would else hold the name of whichever program makes the page.
    sys.argv = ["modelhall"]
    try:
        text = str(command.generate_docs(recursive=True, output_format="markdown"))
    finally:
        sys.argv = given
    body = text.split("\n", 1)[1].strip() if text.startswith("# ") else text
    return page("Commands", "What `modelhall` can do. `modelhall COMMAND --help` says the same.", body)


def routes() -> str:
    """Every route: control API with its policy, model doors and the rest as they stand in the code."""
    control, compat = described(openapi_document(), ""), described(part(COMPAT_API)(), "/api")
    doors = [[code(route.methods), code(route.path), route.words] for route in sorted(plain_routes(), key=by_path)]
    return page(
        "Routes",
        "What can be called over HTTP.",
        "\n\n".join(
            (
                "## Model doors, operations and pages",
                "Model doors take keys only, never cookies.",
                table(("method", "path", "what"), doors),
                "## Control API",
                "Described for tools in [openapi.json](openapi.json).",
                table(("method", "path", "who may", "what"), control),
                "## Routes of older programs",
                "At the root, in the form that those programs know ([older-programs.md](../older-programs.md)).",
                table(("method", "path", "who may", "what"), compat),
            )
        ),
    )


def described(document: Mapping[str, Any], prefix: str) -> list[list[str]]:
    """The rows of a description: method, path, policy, summary."""
    return [
        [code(method.upper()), code(prefix + path), policy_of(operation), str(operation.get("summary", ""))]
        for path, operations in sorted(paths_of(document).items())
        for method, operation in operations.items()
        if method in METHODS
    ]


def openapi() -> str:
    """The control API's description, as tools read it."""
    return json.dumps(openapi_document(), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def providers() -> str:
    """Every provider: address, shapes, key variables."""
    rows = [
        [
            code(provider.name),
            provider.title,
            code(provider.origin) if provider.origin else "your own",
            ", ".join(code(dialect_name(dialect)) for dialect in provider.speaks),
            ", ".join(code(name) for name in provider.key_env),
        ]
        for provider in sorted(all_providers(), key=lambda provider: provider.name)
    ]
    return page(
        "Providers",
        "Who can be reached. A key in one of the variables makes a profile by itself. Any other server that speaks the "
        "OpenAI or Anthropic shape is reached as `openai-compatible` or `anthropic-compatible`.",
        table(("provider", "title", "address", "shapes", "key variables"), rows),
    )


def troubleshooting() -> str:
    """Every topic of the help: causes, and what to do about each."""
    parts: list[str] = []
    for topic in part(HELP):
        coded = any(advice.code for advice in topic.advice)
        head = ("code", "cause", "what to do") if coded else ("cause", "what to do")
        rows = [[*([code(each.code)] if coded else []), each.cause, each.next] for each in topic.advice]
        parts += [f"## {topic.question}", table(head, rows)]
    return page(
        "What to do when something does not work",
        "`modelhall troubleshoot TOPIC` and `GET /api/v1/help` say the same.",
        "\n\n".join(parts),
    )


PAGES: dict[str, Callable[[], str]] = {
    "troubleshooting.md": troubleshooting,
    "settings.md": settings,
    "errors.md": errors,
    "commands.md": commands,
    "routes.md": routes,
    "openapi.json": openapi,
    "providers.md": providers,
}


def part(place: tuple[str, str]) -> Any:
    """The named part of the code."""
    module, name = place
    return getattr(importlib.import_module(module), name)


def page(title: str, lead: str, body: str) -> str:
    """One whole page."""
    return f"{MADE}\n\n# {title}\n\n{lead}\n\n{body}\n"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table; signs that would break it are written out."""
    lines = [list(head), ["---"] * len(head), *([cell.replace("|", "\\|") for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(' '.join(cell.split()) for cell in line)} |" for line in lines)


def code(text: str) -> str:
    """The text as code, nothing for nothing."""
    return f"`{text}`" if text else ""


def first_line(thing: object) -> str:
    """The first sentence of its docstring."""
    return re.sub(r"\s+", " ", (inspect.getdoc(thing) or "").split("\n\n", 1)[0])


def default_of(field: Any) -> str:
    """What holds when a setting is not set."""
    if field.is_required():
        return "must be set"
    if field.default_factory is not None:
        return "depends on the machine"
    if field.default is None or field.default in ("", (), []):
        return "not set"
    value = field.default.value if hasattr(field.default, "value") else field.default
    return code(str(value).lower() if isinstance(value, bool) else str(value))


def family(kind: Any) -> list[Any]:
    """The class and all below it that the package has."""
    below = [member for child in kind.__subclasses__() for member in family(child)]
    return [kind, *(member for member in below if member.__module__.startswith("modelhall."))]


def openapi_document() -> dict[str, Any]:
    """The control API's OpenAPI document, made without any running part."""
    return part(CONTROL_API)()


def paths_of(document: Mapping[str, Any]) -> dict[str, dict[str, dict[str, Any]]]:
    """Path → method → operation."""
    return document["paths"]


def policy_of(operation: Mapping[str, Any]) -> str:
    """Who may call it, in words."""
    policy: Mapping[str, object] = operation.get("x-policy", {})
    return ", ".join(f"{name}: {value}" for name, value in policy.items())


@dataclass(frozen=True, slots=True)
class PlainRoute:
    """A route outside the control API."""

    methods: str
    path: str
    words: str


def by_path(route: PlainRoute) -> tuple[str, str]:
    """Sort key of the page."""
    return route.path, route.methods


def plain_routes() -> Iterator[PlainRoute]:
    """The model doors, and every `Route("/…", handler, methods=[…])` written in web or the composition root."""
    for route in part(DOORS)(None):
        if route.methods:
            dialect = getattr(route.endpoint, "_dialect", None)
            words = first_line(dialect).split(":")[0] if dialect else first_line(route.endpoint)
            yield PlainRoute(", ".join(sorted(route.methods - {"HEAD"})), route.path, words)
    places = (PACKAGE / "web", PACKAGE / "bootstrap", PACKAGE / "bootstrap.py")
    for file in (file for place in places for file in (sorted(place.rglob("*.py")) or [place])):
        if file.is_file():
            nodes = ast.walk(ast.parse(file.read_text(encoding="utf-8")))
            yield from (made for node in nodes if (made := written_route(node)) is not None)


def written_route(node: ast.AST) -> PlainRoute | None:
    """The route that this node makes, if it makes one."""
    if not (isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) == "Route"):
        return None
    if not node.args or not isinstance(node.args[0], ast.Constant):
        return None
    named = {word.arg: word.value for word in node.keywords}
    methods = named.get("methods")
    verbs = ", ".join(ast.literal_eval(methods)) if isinstance(methods, ast.List | ast.Tuple) else "GET"
    handler = node.args[1] if len(node.args) > 1 else named.get("endpoint")
    handler = handler.func if isinstance(handler, ast.Call) else handler
    name = getattr(handler, "attr", getattr(handler, "id", ""))
    return PlainRoute(verbs, str(node.args[0].value), words_of(name))


@cache
def words_of(name: str) -> str:
    """The first line of the docstring of the function or class of this name in the doors, web or composition root."""
    for file in sorted(PACKAGE.rglob("*.py")):
        if file.relative_to(PACKAGE).parts[0] in {"gateway", "web", "api", "bootstrap", "bootstrap.py"}:
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and node.name == name:
                    return (ast.get_docstring(node) or "").split("\n", 1)[0]
    return ""


def all_providers() -> list[Any]:
    """The providers that the registry finds."""
    return list(part(PROVIDERS)().values())


def dialect_name(dialect: Any) -> str:
    """The name that the dialect's module gives itself."""
    return str(dialect.NAME)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

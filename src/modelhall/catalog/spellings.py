"""Other ways to write one model id, by provider. Only whole, known parts come off; never a substring, never `:free`."""

import re
from collections.abc import Callable, Iterator, Mapping

_DATE = re.compile(
    r"^(.+?)[-@](20[2-4]\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])|20[2-4]\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01]))((?:-v\d+(?::\d+)?)?)$"
)
_FINE_TUNED = re.compile(r"^(ft:[^:]+):.+$")
_BEDROCK_ARN = re.compile(r"^arn:aws[a-z-]*:bedrock:[a-z0-9-]*:\d*:(?:foundation-model|inference-profile)/(.+)$")
_BEDROCK_REGION = re.compile(r"^(?:us|eu|apac|au|jp|ca|sa|us-gov|global)\.(?=[a-z0-9]+\.)")
_BEDROCK_VERSION = re.compile(r"^(.+?)-v\d+:\d+(?::\d+k)?$")
_VERTEX_PATH = re.compile(r"^(?:projects/[^/]+/locations/[^/]+/)?publishers/[^/]+/models/(.+)$")
_STABLE = re.compile(r"^(gemini-.+)-00\d$")
_FIREWORKS = "accounts/fireworks/models/"


def spellings(provider: str, model_id: str) -> Iterator[str]:
    """Ids that mean the same model at this provider, the nearest first; without `model_id` itself."""
    form = _FORMS.get(provider)
    if form is not None:
        yield from form(model_id)
    if model_id.endswith("-latest"):
        yield model_id.removesuffix("-latest")
    elif ":" not in model_id and "@" not in model_id:
        yield f"{model_id}-latest"


def undated(model_id: str) -> str | None:
    """The id without the full date it carries, or `None`. A stamp such as `2512` is a version with its own price."""
    parts = _DATE.match(model_id)
    return parts[1] + parts[3] if parts else None


def _openai(model_id: str) -> Iterator[str]:
    """A fine-tuned model is priced as `ft:<base>`, never as its base."""
    tuned = _FINE_TUNED.match(model_id)
    if tuned:
        yield tuned[1]


def _google(model_id: str) -> Iterator[str]:
    name = model_id.removeprefix("models/")
    if name != model_id:
        yield name
    stable = _STABLE.match(name)
    if stable:
        yield stable[1]


def _vertex(model_id: str) -> Iterator[str]:
    path = _VERTEX_PATH.match(model_id)
    if path:
        yield path[1]
        model_id = path[1]
    if "/" in model_id and not path:
        yield model_id.partition("/")[2]
    for tail in ("@latest", "@default"):
        if model_id.endswith(tail):
            yield model_id.removesuffix(tail)
    if "@" not in model_id:
        yield f"{model_id}@default"


def _bedrock(model_id: str) -> Iterator[str]:
    """A region with a price of its own is listed with it; elsewhere the plain id counts."""
    name = model_id
    if model_id.startswith("arn:"):
        arn = _BEDROCK_ARN.match(model_id)
        if arn is None:
            return
        name = arn[1]
        yield name
    plain = _BEDROCK_REGION.sub("", name)
    if plain != name:
        yield plain
    for form in dict.fromkeys((name, plain)):
        version = _BEDROCK_VERSION.match(form)
        if version:
            yield version[1]
            if form.count(":") > 1:
                yield form.rpartition(":")[0]


def _fireworks(model_id: str) -> Iterator[str]:
    if model_id.startswith(_FIREWORKS):
        yield model_id.removeprefix(_FIREWORKS)
    elif "/" not in model_id:
        yield _FIREWORKS + model_id


def _ollama(model_id: str) -> Iterator[str]:
    if model_id.endswith(":latest"):
        yield model_id.removesuffix(":latest")


_FORMS: Mapping[str, Callable[[str], Iterator[str]]] = {
    "openai": _openai,
    "google": _google,
    "google-vertex": _vertex,
    "amazon-bedrock": _bedrock,
    "fireworks-ai": _fireworks,
    "ollama": _ollama,
    "ollama-cloud": _ollama,
}

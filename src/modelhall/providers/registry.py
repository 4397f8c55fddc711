"""Finds the vendors' files; nothing anywhere names them one by one."""

import importlib
import importlib.util
import pkgutil
import sys
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from types import MappingProxyType, ModuleType

from modelhall.domain.errors import BadRequest, SetupError
from modelhall.providers import vendors
from modelhall.providers.provider import Provider

ALIASES: Mapping[str, str] = MappingProxyType(
    {
        "aws": "amazon-bedrock",
        "azure-openai": "azure",
        "bedrock": "amazon-bedrock",
        "claude": "anthropic",
        "dashscope": "alibaba",
        "fireworks": "fireworks-ai",
        "fireworks_ai": "fireworks-ai",
        "gemini": "google",
        "github": "github-models",
        "grok": "xai",
        "hf": "huggingface",
        "kimi": "moonshotai",
        "lm-studio": "lmstudio",
        "llama.cpp": "llama-cpp",
        "llamacpp": "llama-cpp",
        "moonshot": "moonshotai",
        "nvidia-nim": "nvidia",
        "nvidia_nim": "nvidia",
        "qwen": "alibaba",
        "together": "togetherai",
        "together_ai": "togetherai",
        "vertex": "google-vertex",
        "vertex_ai": "google-vertex",
        "x-ai": "xai",
        "z-ai": "zai",
        "zhipu": "zai",
    }
)
"""Other names by which vendors go in catalogs and other gateways."""


@cache
def providers() -> Mapping[str, Provider]:
    """The house's own providers by name."""
    return discover()


def discover(*folders: Path) -> Mapping[str, Provider]:
    """The providers of the house, and those in further folders of vendor files, by name.

    Raises SetupError when two have the same name, or a file has no `PROVIDER`.
    """
    found: dict[str, Provider] = {}
    for module in (*_own(), *(module for folder in folders for module in _in_folder(folder))):
        provider = getattr(module, "PROVIDER", None)
        if not isinstance(provider, Provider):
            raise SetupError(f"The provider file {module.__name__} has no PROVIDER.")
        if provider.name in found:
            raise SetupError(f"Two provider files are named {provider.name!r}.")
        found[provider.name] = provider
    return MappingProxyType(dict(sorted(found.items())))


def provider_named(name: str, known: Mapping[str, Provider] | None = None) -> Provider:
    """The provider of this name or alias. Raises BadRequest with the nearest names."""
    known = providers() if known is None else known
    wanted = name.strip().casefold()
    found = known.get(wanted) or known.get(ALIASES.get(wanted, ""))
    if found is not None:
        return found
    near = get_close_matches(wanted, sorted({*known, *ALIASES}), n=3, cutoff=0.5)
    names = list(dict.fromkeys(ALIASES.get(each, each) for each in near)) or [
        "openai-compatible",
        "anthropic-compatible",
    ]
    raise BadRequest(
        f"There is no provider {name!r}. Did you mean {' or '.join(names)}?"
        " Any server that speaks OpenAI's or Anthropic's shape works as openai-compatible or anthropic-compatible.",
        details={"param": "provider", "nearest": names},
    )


def _own() -> Iterator[ModuleType]:
    for module in pkgutil.iter_modules(vendors.__path__, f"{vendors.__name__}."):
        yield importlib.import_module(module.name)


def _in_folder(folder: Path) -> Iterator[ModuleType]:
    for path in sorted(folder.glob("[!_]*.py")):
        name = f"modelhall_vendor_{path.stem}"
        spec = importlib.util.spec_from_file_location(name, path)
        if spec is None or spec.loader is None:
            raise SetupError(f"The provider file {path} cannot be read.")
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
        yield module

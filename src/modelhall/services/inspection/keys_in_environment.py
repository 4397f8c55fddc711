"""Which provider keys the environment holds; their values are not looked at."""

from collections.abc import Mapping

from modelhall.providers.registry import providers


def keys_in_environment(environ: Mapping[str, str]) -> Mapping[str, str]:
    """Provider name to the variable with its key, for each provider that has one set."""
    found: dict[str, str] = {}
    for name, provider in providers().items():
        variable = next((variable for variable in provider.key_env if environ.get(variable)), None)
        if variable is not None:
            found[name] = variable
    return found

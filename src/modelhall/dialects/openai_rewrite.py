"""What the house changes in a request of the OpenAI family."""

import msgspec

from modelhall.dialects.dialect import Change
from modelhall.dialects.splice import with_member, with_member_in, with_model

LIMIT = "max_tokens"


def rewritten(body: bytes, change: Change, limit_name: str = LIMIT) -> bytes:
    """The body with the model's name, and with the usage option and the output limit where they are asked for."""
    # First the model: it is found fastest while it still stands in front.
    body = with_model(body, change.model)
    if change.usage_option:
        body = with_member_in(body, "stream_options", "include_usage", b"true")
    if change.output_limit is not None:
        body = with_member(body, limit_name, msgspec.json.encode(change.output_limit))
    return body

"""Connection tests on the wire."""

from typing import Annotated

from pydantic import Field

from modelhall.api.shapes.base import Shape
from modelhall.services.profiles.try_profile import Trial


class ConnectionTestShape(Shape):
    """What a connection test found. The key is never in it."""

    ok: bool
    cause: Annotated[str | None, Field(description="For programs; docs/troubleshooting.md lists them.")]
    says: Annotated[str, Field(description="For people: how it went.")]
    next: Annotated[str | None, Field(description="What to do about it.")]
    address: Annotated[str | None, Field(description="What was asked.")]
    key: Annotated[str | None, Field(description="The key that was used, as it is shown.")]
    latency_ms: Annotated[int | None, Field(description="From the connection's start to the answer's end.")]
    status: int | None
    models: Annotated[list[str], Field(description="The first of them.")]
    model_count: Annotated[int | None, Field(description="Null: the provider does not list its models.")]
    retry_after_s: int | None
    provider_says: Annotated[str | None, Field(description="The server's own words, where they give no key away.")]


def connection_test_of(trial: Trial) -> ConnectionTestShape:
    """A test as it goes out."""
    return ConnectionTestShape(
        ok=trial.ok,
        cause=trial.cause,
        says=trial.says,
        next=trial.next,
        address=trial.address,
        key=trial.key,
        latency_ms=trial.latency_ms,
        status=trial.status,
        models=list(trial.models),
        model_count=trial.model_count,
        retry_after_s=trial.retry_after_s,
        provider_says=trial.provider_says,
    )

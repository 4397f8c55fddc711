"""Help over the control API, and the next step in refusals."""

from __future__ import annotations

from tests.support.asgi import Client
from tests.support.house import ON_SQLITE

pytestmark = ON_SQLITE


async def test_the_help_lists_topics_with_causes_and_what_to_do(operator: Client) -> None:
    topics = (await operator.get("/help")).json["items"]
    assert {"models-missing", "cannot-delete", "rate-limited", "connection"} <= {topic["id"] for topic in topics}
    assert all(each["cause"] and each["next"] for topic in topics for each in topic["advice"])
    (one,) = (await operator.get("/help?topic=connection")).json["items"]
    assert "tls_name" in {each["code"] for each in one["advice"]}
    assert (await operator.get("/help?topic=none")).status == 404


async def test_a_refusal_says_what_to_do_next(operator: Client, nobody: Client) -> None:
    assert "sign in" in (await nobody.get("/profiles")).json["next"]
    await operator.post("/profiles", {"provider": "openai", "id": "work"})
    await operator.post("/profiles/work/sync", {"models": ["a"], "activate": True})
    await operator.put("/default-model", {"model": "work/a"})
    assert "modelhall model default" in (await operator.delete("/profiles/work")).json["next"]
    assert "ETag" in (await operator.patch("/profiles/work", {"notes": "x"}, if_match='"9"')).json["next"]
    assert "next" not in (await operator.patch("/profiles/work", {"base_url": "x"})).json

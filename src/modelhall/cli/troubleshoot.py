"""`modelhall troubleshoot`: what to do when something does not work."""

from typing import Annotated

from cyclopts import Parameter

from modelhall.cli.options import USUAL, Common
from modelhall.cli.out import say, show_json, show_table, tell
from modelhall.cli.reach import house


def troubleshoot(
    topic: Annotated[str | None, Parameter(name="TOPIC", help="One of the topics; left out, they are listed.")] = None,
    /,
    *,
    common: Common = USUAL,
) -> None:
    """Say what to do when something does not work: the likely causes of a trouble, and what mends each."""
    with house(common) as client:
        topics = client.items("/help", topic=topic)
    if common.json:
        show_json({"items": topics})
    elif topic is None:
        show_table(("topic", "what does not work"), [(each["id"], each["question"]) for each in topics], empty="")
        tell("Then: modelhall troubleshoot TOPIC")
    else:
        for each in topics:
            say(f"{each['question']}:")
            for advice in each["advice"]:
                say(f"- {advice['cause']}\n  {advice['next']}")

"""`langchain-anthropic`, unmodified."""
# pyright: reportMissingImports=false

from typing import Any

from langchain_anthropic import ChatAnthropic

from tests.sdks.clients.facts import LOCAL, Facts, Hall, main
from tests.sdks.clients.langchain_facts import on_profile, said


def facts(hall: Hall) -> Facts:
    def chat(model: str, key: str = hall.key, **more: Any) -> Any:
        return ChatAnthropic(
            model=model, base_url=hall.address, api_key=key, max_retries=0, **({"max_tokens": 100} | more)
        )

    local = chat(LOCAL, temperature=0, max_tokens=12)
    return {
        "gpt": on_profile(hall, chat, "gpt"),
        "claude": on_profile(hall, chat, "claude"),
        "local": {
            "text": said(local.invoke("Say hello.")),
            "streamed": "".join(said(chunk) for chunk in local.stream("Say hello.")),
        },
    }


if __name__ == "__main__":
    main(facts)

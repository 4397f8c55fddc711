"""`langchain-openai`, unmodified."""
# pyright: reportMissingImports=false

from typing import Any

from langchain_openai import ChatOpenAI, OpenAIEmbeddings

from tests.sdks.clients.facts import LOCAL, Facts, Hall, main
from tests.sdks.clients.langchain_facts import ASK, on_profile, said, summed

TALK = ("gpt/talk", "claude/talk")


def facts(hall: Hall) -> Facts:
    def chat(model: str, key: str = hall.key, **more: Any) -> Any:
        more = {"stream_usage": True} | more
        return ChatOpenAI(model=model, base_url=f"{hall.address}/v1", api_key=key, max_retries=0, **more)

    def embeddings(model: str) -> Any:
        # Its own way of counting tokens first is for OpenAI's models; it would fetch their vocabulary.
        return OpenAIEmbeddings(
            model=model, base_url=f"{hall.address}/v1", api_key=hall.key, check_embedding_ctx_length=False
        )

    local = chat(LOCAL, temperature=0, max_tokens=12)
    return {
        "gpt": on_profile(hall, chat, "gpt"),
        "claude": on_profile(hall, chat, "claude"),
        "local": {
            "text": said(local.invoke("Say hello.")),
            "streamed": "".join(said(chunk) for chunk in local.stream("Say hello.")),
            "embedded": [len(vector) for vector in embeddings(LOCAL).embed_documents(["a", "b"])],
        },
        "embedded": embeddings("gpt/talk").embed_documents(["a", "b"]),
        "streamed_without_usage": [streamed_without_usage(chat(model, stream_usage=False)) for model in TALK],
    }


def streamed_without_usage(model: Any) -> Any:
    message = summed(model.stream(ASK))
    return [said(message), message.usage_metadata]


if __name__ == "__main__":
    main(facts)

"""LangChain: its chat class for OpenAI's shape, as a piece of Python."""

import json
from collections.abc import Sequence

from modelhall.services.snippets.offer import Offer
from modelhall.services.snippets.program import KEY, File, Program, chatting


def write(offer: Offer) -> Sequence[File]:
    """A program that asks the first model."""
    model = chatting(offer)[0]
    lines = (
        "import os",
        "",
        "from langchain_openai import ChatOpenAI",
        "",
        "chat = ChatOpenAI(",
        f"    model={json.dumps(model.name, ensure_ascii=False)},",
        f"    base_url={json.dumps(offer.openai)},",
        f'    api_key=os.environ["{KEY}"],',
        "    stream_usage=True,",
        ")",
        'print(chat.invoke("Say hello.").content)',
    )
    return [File("hello.py", "\n".join(lines) + "\n")]


PROGRAM = Program(
    "langchain", "LangChain", write, ("pip install langchain-openai", f"Set {KEY} to your key in the shell.")
)

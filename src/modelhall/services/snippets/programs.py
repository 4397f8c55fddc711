"""All programs that snippets are written for, by name."""

from collections.abc import Mapping

from modelhall.services.snippets import aider, continue_dev, langchain, librechat, llm_command, open_webui, opencode
from modelhall.services.snippets.program import Program
from modelhall.services.snippets.sdks import ANTHROPIC, OPENAI

PROGRAMS: Mapping[str, Program] = {
    program.name: program
    for program in (
        aider.PROGRAM,
        ANTHROPIC,
        continue_dev.PROGRAM,
        langchain.PROGRAM,
        librechat.PROGRAM,
        llm_command.PROGRAM,
        open_webui.PROGRAM,
        OPENAI,
        opencode.PROGRAM,
    )
}

"""All programs whose configurations are read, by name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from modelhall.domain.errors import TooLarge
from modelhall.services.files.foreign_text import Form, Said, form_of, read_foreign
from modelhall.services.importers import aiderdesk, dotenv, librechat, litellm, open_webui
from modelhall.services.importers.dotenv import said_variables
from modelhall.services.importers.gathering import Gathering

MOST_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class Program:
    """A program, and how its file is read."""

    name: str
    title: str
    form: Form | None
    """`None`: variables."""
    gather: Callable[[Gathering], None]
    or_variables: bool = False
    """Whether its file may be one of variables as well."""
    several: bool = False
    """Whether it keeps its settings in more than one file."""

    def read(self, data: bytes, file: str) -> Said:
        """What the file says. Raises BadRequest with the line, TooLarge."""
        if len(data) > MOST_BYTES:
            raise TooLarge(f"{file}: a configuration of another program has at most {MOST_BYTES // 10**6} MB")
        if self.form is None or (self.or_variables and not data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")):
            return said_variables(data, file)
        return read_foreign(data, file, form_of(file, self.form))


PROGRAMS: Mapping[str, Program] = {
    program.name: program
    for program in (
        Program("litellm", "LiteLLM's config.yaml", "yaml", litellm.gather),
        Program("librechat", "LibreChat's librechat.yaml", "yaml", librechat.gather),
        Program(
            "open-webui", "Open WebUI's exported config, or its variables", "json", open_webui.gather, or_variables=True
        ),
        Program("aiderdesk", "AiderDesk's settings", "json", aiderdesk.gather, several=True),
        Program("env", "a file of variables", None, dotenv.gather),
    )
}

"""The command `modelhall`: which commands there are, and how each ends (exit codes 0, 1, 2, 3)."""

import gc
import os
import sys
from collections.abc import Sequence
from difflib import get_close_matches
from functools import reduce

from cyclopts import App, CycloptsError, Group, UnknownCommandError

from modelhall import __version__
from modelhall.cli.out import tell
from modelhall.domain.errors import ModelhallError

REFUSED, WRONG_USAGE, UNREACHABLE, INTERRUPTED = 1, 2, 3, 130
NOT_REACHED = frozenset({"database_unavailable", "not_ready"})
"""Codes of failures where nobody said no: there was nobody to ask."""

OBJECTS_LOADED = 200_000
"""So many objects a command loads that stay: looking through them meanwhile takes a fifth of the time (2026-11)."""

SERVER = Group("Server", sort_key=1)
LIBRARY = Group("Library", sort_key=2)
PEOPLE = Group("People", sort_key=3)
USE = Group("Use", sort_key=4)
FILES = Group("Configuration files", sort_key=5)
UPKEEP = Group("Upkeep", sort_key=6)
OPTIONS = Group("Options", sort_key=7)

# Named by text, so that asking for help loads none of them: the whole house takes a second to load.
COMMANDS = (
    ("serve", "serve:serve", SERVER, "Start the server."),
    ("status", "status:status", SERVER, "Say how the running server is doing, and make a sign-in link."),
    ("doctor", "doctor:doctor", SERVER, "Say what is wrong here and how to mend it."),
    ("troubleshoot", "troubleshoot:troubleshoot", SERVER, "Say what to do when something does not work."),
    ("local", "local:app", SERVER, "The model that runs inside."),
    ("profile", "profile:app", LIBRARY, "Accounts and servers of providers."),
    ("model", "model:app", LIBRARY, "The models of your library: sync, activate, price, default."),
    ("collection", "collection:app", LIBRARY, "Named sets of models."),
    ("alias", "alias:app", LIBRARY, "Your own names for models, with what to fall back to."),
    ("project", "project:app", LIBRARY, "What groups keys, with models and parameters of their own."),
    ("policy", "policy:app", LIBRARY, "What you demand of every model that is called."),
    ("evidence", "evidence:app", LIBRARY, "What is known of where data goes, and on what that stands."),
    ("organisation", "organisation:app", PEOPLE, "Organisations: who owns what, apart from each other."),
    ("member", "member:app", PEOPLE, "Who is in your organisation and with what role; invitations."),
    ("session", "session:app", PEOPLE, "Where you are signed in."),
    ("admin", "admin:app", PEOPLE, "A new way in for who cannot sign in any more."),
    ("key", "key:app", LIBRARY, "Keys by which programs call models."),
    ("sign-in", "sign_in:app", SERVER, "Providers that people sign in by, and who of them is who here."),
    ("preferences", "preferences:preferences", USE, "Your own default model and parameters."),
    ("explain", "explain:explain", USE, "Say what would become of a call, without making it."),
    ("chat", "chat:chat", USE, "Ask a model and see its answer as it comes."),
    ("usage", "usage:app", USE, "What was used and what it cost."),
    ("snippet", "snippet:snippet", USE, "Point another program here: its configuration, ready to paste."),
    ("export", "export:export", FILES, "Print the configuration as TOML or YAML, secrets left out or sealed."),
    ("plan", "files:plan", FILES, "Say what a file would change in the configuration."),
    ("apply", "files:apply", FILES, "Have the configuration be as a file says, all of it or nothing."),
    ("import", "import_:import_", FILES, "Add and change what a file says, or a file of another program."),
    ("drift", "files:drift", FILES, "Say where the configuration is no longer as its files say."),
    ("sources", "files:sources", FILES, "Say where each object comes from: a file, a person, the environment."),
    ("undo-apply", "files:undo_apply", FILES, "Take the last apply or import back."),
    ("audit", "audit:app", UPKEEP, "Who changed what, and whether nobody touched the record of it."),
    ("backup", "backup:backup", UPKEEP, "Write everything into one file, while the server runs."),
    ("restore", "backup:restore", UPKEEP, "Bring a backup back into an empty data directory."),
    ("master-key", "master_key:app", UPKEEP, "The key that seals all stored secrets."),
)


def build() -> App:
    """The command with all its subcommands, none of them loaded yet."""
    command = App(
        name="modelhall",
        help="A self-hosted model library and gateway for language models.",
        version=f"modelhall {__version__}",
        result_action="return_value",
        exit_on_error=False,
        print_error=False,
        verbose=False,
    )
    for name, place, group, words in COMMANDS:
        command.command(f"modelhall.cli.{place}", name=name, group=group, help=words)
    command["--help"].group = OPTIONS
    command["--version"].group = OPTIONS
    command.register_install_completion_command(  # pyright: ignore[reportUnknownMemberType]
        group=OPTIONS, help="Install completion for your shell."
    )
    return command


app = build()


def main() -> None:
    """The program."""
    gc.set_threshold(OBJECTS_LOADED)
    sys.exit(run(sys.argv[1:]))


def run(words: Sequence[str]) -> int:
    """Run one command line; gives the exit code. What went wrong is told on standard error in one sentence."""
    try:
        result: object = app(list(words))
        sys.stdout.flush()
    except UnknownCommandError as error:
        # Its own words would first load every command, to look for a similar one.
        tell(unknown(next(iter(error.unused_tokens or words), ""), " ".join(error.command_chain or ())))
        return WRONG_USAGE
    except CycloptsError as error:
        tell(f"{error}\nSee `modelhall {' '.join(error.command_chain or ())}".rstrip() + " --help`.")
        return WRONG_USAGE
    except ModelhallError as error:
        tell(error.message)
        return UNREACHABLE if error.code in NOT_REACHED else REFUSED
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # Who read our output has gone; Python must not complain of it once more when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return REFUSED
    return result if isinstance(result, int) else 0


def unknown(word: str, chain: str) -> str:
    """What to say about a command that does not exist."""
    known = list(reduce(App.__getitem__, chain.split(), app)) if chain else [name for name, *_ in COMMANDS]
    near = get_close_matches(word, [name for name in known if not name.startswith("-")], n=3)
    place = f"modelhall {chain}".strip()
    meant = f" Did you mean {' or '.join(near)}?" if near else ""
    return f"There is no command `{place} {word}`.{meant}\nSee `{place} --help`."

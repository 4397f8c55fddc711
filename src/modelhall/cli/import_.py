"""`modelhall import`: a configuration file, or the configuration of another program, brought in with a report."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from modelhall.cli import files as own
from modelhall.cli.client import Object, in_path
from modelhall.cli.options import USUAL, Common, wrong
from modelhall.cli.out import say, show_json, show_table, tell
from modelhall.cli.reach import house

HEADS = (("carried", "Carried over:"), ("left", "Left behind:"), ("person", "For you to do:"))


def import_(
    *files: Annotated[Path, Parameter(name="FILE", negative="", help="The file; AiderDesk has two.")],
    from_: Annotated[
        str | None, Parameter(name="--from", help="The program whose file it is; without a file, they are listed.")
    ] = None,
    env_file: Annotated[Path | None, Parameter(help="The .env that the program is started with.")] = None,
    take_keys: Annotated[bool, Parameter(negative="", help="Seal and keep the keys that stand in the files.")] = False,
    allow_private: Annotated[bool, Parameter(negative="", help="Allow the private addresses in the files.")] = False,
    plan: Annotated[bool, Parameter(negative="", help="Only say what would be done.")] = False,
    format: own.Form = None,
    with_secrets: own.WithSecrets = False,
    yes: Annotated[bool, Parameter(negative="", help="Do not ask.")] = False,
    common: Common = USUAL,
) -> None:
    """Add and change what a file says, and report it; with `--from`, a file of another program.

    All of it or nothing; nothing is taken away.
    """
    if not files:
        show_programs(common)
        return
    first, *more = files
    if from_ is not None:
        options: Object = {"take_keys": take_keys, "allow_private": allow_private, "plan": plan}
        import_foreign(from_, files, env_file, options, common)
    elif more or plan or take_keys or allow_private or env_file is not None:
        raise wrong("Say with --from whose file it is; for a file of this house, `modelhall plan` says what it does.")
    else:
        own.import_(first, format=format, with_secrets=with_secrets, yes=yes, common=common)


def import_foreign(program: str, files: Iterable[Path], env_file: Path | None, options: Object, common: Common) -> None:
    """Send the files, and show what came of it."""
    body: Object = {
        "files": [{"name": file.name, "text": text_of(file)} for file in files],
        "variables": None if env_file is None else text_of(env_file),
        **options,
    }
    with house(common) as client:
        told = client.send("POST", f"/imports/{in_path(program)}", body)
    if common.json:
        show_json(told)
    else:
        show(told)


def show_programs(common: Common) -> None:
    """Whose configurations are read."""
    with house(common) as client:
        programs = client.items("/imports")
    if common.json:
        show_json({"items": programs})
        return
    show_table(("program", "its file"), [(each["name"], each["title"]) for each in programs], empty="")
    tell("Then: modelhall import --from PROGRAM FILE")


def show(told: Object) -> None:
    """The report on standard output, a summary beside it."""
    findings: list[Object] = told["findings"]
    for outcome, head in HEADS:
        lines = [line_of(each) for each in findings if each["outcome"] == outcome]
        if lines:
            say(head)
            show_lines(lines)
    outcome = told["outcome"]
    if changed := [step for step in outcome["steps"] if step["action"] == "change"]:
        say("Changed here:")
        own.steps(changed)
    counts = f"{outcome['created']} created, {outcome['changed']} changed"
    if told["plan"]:
        tell(f"This is a plan; nothing was done. Otherwise: {counts}.")
    else:
        tell(f"Done: {counts}. `modelhall undo-apply` takes it back.")


def show_lines(lines: Iterable[str]) -> None:
    """Each line once, indented."""
    for line in dict.fromkeys(lines):
        say(f"  {line}")


def line_of(finding: Object) -> str:
    """A finding with its place; what was carried over speaks for itself."""
    if finding["outcome"] == "carried":
        return finding["words"]
    line = f", line {finding['line']}" if finding["line"] else ""
    return f"{finding['place']}{line}: {finding['words']}"


def text_of(file: Path) -> str:
    """The file's text. Raises CycloptsError."""
    try:
        return file.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise wrong(f"{file} cannot be read: {getattr(error, 'strerror', None) or 'it is not UTF-8'}.") from None

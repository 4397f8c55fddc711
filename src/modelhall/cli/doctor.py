"""`modelhall doctor`: what is wrong here, and how to mend it."""

import asyncio
import os
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.text import Text

from modelhall.cli.checks import folder, machine, server, store
from modelhall.cli.checks.finding import Finding
from modelhall.cli.main import REFUSED
from modelhall.cli.options import USUAL, Common
from modelhall.cli.out import STYLES, clean, show_json
from modelhall.cli.reach import data_of
from modelhall.domain.errors import ModelhallError
from modelhall.services.inspection.inspect_data import holder_of, passing_file_system
from modelhall.services.inspection.inspect_journal import inspect_journal
from modelhall.services.inspection.inspect_store import inspect_store, sqlite_is_safe_with_many_writers, sqlite_version
from modelhall.services.inspection.keys_in_environment import keys_in_environment
from modelhall.settings import Settings, load_settings

SIGNS = {"ok": "✓", "warn": "!", "bad": "✗"}


def doctor(*, common: Common = USUAL) -> int:
    """Say what is wrong here and how to mend it; nothing is changed. Ends with 1 when something is wrong."""
    findings = list(examine(data_of(common)))
    if common.json:
        show_json({"findings": [asdict(finding) for finding in findings]})
    else:
        show(findings)
    return REFUSED if any(finding.state == "bad" for finding in findings) else 0


def examine(data: Path) -> Iterator[Finding]:
    """All findings, one check after the other."""
    yield machine.python_version()
    yield machine.command_on_path()
    yield machine.pip_there()
    yield machine.sqlite_library(sqlite_version(), sqlite_is_safe_with_many_writers())
    place = folder.data_directory(data)
    yield place
    if place.state == "bad":
        return
    yield folder.permissions(data)
    yield folder.lasting(data, passing_file_system(folder.nearest_that_exists(data)))
    yield folder.room(data)
    yield machine.clock(datetime.now(UTC), folder.newest_file(data))
    yield server.environment_keys(keys_in_environment(os.environ))
    found, running = server.run_file(data, holder_of(data))
    yield found
    if running is None:
        yield from _without_server(data)
        return
    said, status = server.asked(running)
    yield from said
    yield from server.profile_keys(status)
    yield server.engine(data, status)


def _without_server(data: Path) -> Iterator[Finding]:
    try:
        settings = load_settings(os.environ, data=data)
    except ModelhallError as error:
        yield Finding("settings", "bad", error.message, "Correct it in the environment or in modelhall.toml.")
        return
    yield Finding("settings", "ok", "can be read")
    yield from asyncio.run(_stored(settings))
    yield server.port_free(settings.host, settings.port)
    yield server.engine(data, {})


async def _stored(settings: Settings) -> list[Finding]:
    report = await inspect_store(settings.database_url, settings.data, settings.master_key)
    return [store.database(report), store.master_key(report), store.journal(await inspect_journal(settings.data))]


def show(findings: list[Finding]) -> None:
    """The findings for people, each trouble with its mending below it."""
    console = Console(highlight=False, soft_wrap=True)
    width = max(len(finding.name) for finding in findings)
    for finding in findings:
        line = Text(f"{SIGNS[finding.state]} ", style=STYLES[finding.state])
        line.append(f"{finding.name:<{width}}  ", style="bold")
        line.append(clean(finding.what), style="" if finding.state == "ok" else STYLES[finding.state])
        console.print(line)
        if finding.mend:
            console.print(Text(f"  {'':<{width}}  → {clean(finding.mend)}"))
    bad = sum(finding.state == "bad" for finding in findings)
    warned = sum(finding.state == "warn" for finding in findings)
    console.print(Text(f"\n{bad} wrong, {warned} to know, {len(findings) - bad - warned} fine.", style="bold"))

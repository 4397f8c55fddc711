"""Keeps which file says which object, and what it said of it."""

from collections.abc import Mapping

from modelhall.services.files.intent import Name, Wish
from modelhall.services.files.kinds.kind import Fields
from modelhall.services.files.kinds.registry import BY_WORD
from modelhall.services.files.outcome import Held
from modelhall.services.files.state import State
from modelhall.storage import files
from modelhall.storage.database import Change
from modelhall.storage.files import FileObject


async def remember(
    change: Change, wish: Wish, said: Mapping[Name, Fields], before: State, held: Held
) -> list[tuple[str, str, FileObject | None]]:
    """Write down what this file says from now on; gives what was said before of each object for which that is news."""
    file, was = wish.given.name, list[tuple[str, str, FileObject | None]]()
    now: dict[Name, FileObject | None] = {}
    for (word, name), words in said.items():
        old = held.get((word, name))
        made = old.made if old is not None and old.file == file else name not in before[word]
        whole = {**BY_WORD[word].defaults, **words} if wish.document.head.whole else words
        now[word, name] = FileObject(word, name, file, made, whole)
    if not wish.given.keep:
        now |= {name: None for name, old in held.items() if old.file == file and name not in said}
    for (word, name), new in now.items():
        old = held.get((word, name))
        if new != old:
            was.append((word, name, old))
            await files.set_file_object(change.connection, change.actor.organisation_id, word, name, new)
    return was

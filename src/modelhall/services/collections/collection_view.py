"""A collection as it is told: its models by their public names, in its order."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from modelhall.domain.library import Collection
from modelhall.services.connection import Connection
from modelhall.storage import models

REVISIONS = 10**9


@dataclass(frozen=True, slots=True)
class CollectionView:
    """One collection."""

    collection: Collection
    models: tuple[str, ...]
    """Public names of those that live."""

    @property
    def revision(self) -> int:
        """A number that is another one when the collection holds something else."""
        said = "\n".join((self.collection.id, *self.collection.model_ids))
        return int.from_bytes(sha256(said.encode()).digest()[:8], "big") % REVISIONS


async def collection_views(connection: Connection, found: Sequence[Collection]) -> list[CollectionView]:
    """These collections as they are told."""
    held = await models.models_by_ids(connection, {each for one in found for each in one.model_ids})
    return [
        CollectionView(one, tuple(held[each].public_name for each in one.model_ids if each in held)) for one in found
    ]


def told(view: CollectionView) -> dict[str, object]:
    """What the audit keeps of a collection."""
    return {"name": view.collection.name, "models": view.models}

"""A transaction's connection as services pass it from one storage function to the next; only storage looks inside."""

from typing import TypeAlias

from modelhall.storage.database import AsyncConnection

Connection: TypeAlias = AsyncConnection

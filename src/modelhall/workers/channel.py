"""The line between a parent and one worker: framed messages both ways over a socket pair that only they hold.

Its end is also the sign that the other one is gone, however it went.
"""

import asyncio
import itertools
import logging
import socket
import struct
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager

import msgspec

from modelhall.domain.errors import ModelhallError
from modelhall.gateway.meters import Meters
from modelhall.workers.words import Answer, Question, What, Word

FRAME = struct.Struct(">I")
ANSWER_S = 1.0
"""How long an answer is waited for; a worker that is stopped or busy must not hold up the others."""

Handler = Callable[[Word], Awaitable[Meters | None]]
"""Told every word but answers; what it gives for a question goes back as the answer."""

log = logging.getLogger(__name__)


class Channel:
    """One end of the line."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._encoder = msgspec.msgpack.Encoder()
        self._decoder = msgspec.msgpack.Decoder(Word)
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[Meters | None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._over = False

    def say(self, word: Word) -> None:
        """Sends a word, if anybody still listens."""
        if self._over or self._writer.is_closing():
            return
        payload = self._encoder.encode(word)
        self._writer.write(FRAME.pack(len(payload)) + payload)

    async def ask(self, what: What) -> Meters | None:
        """Asks, and waits for the answer a little while; `None` also when none came."""
        if self._over:
            return None
        number = next(self._numbers)
        answer = self._waiting[number] = asyncio.get_running_loop().create_future()
        self.say(Question(number, what))
        try:
            async with asyncio.timeout(ANSWER_S):
                return await answer
        except TimeoutError:
            return None
        finally:
            del self._waiting[number]

    async def next_word(self) -> Word | None:
        """The next word; `None` when the other one is gone."""
        try:
            (length,) = FRAME.unpack(await self._reader.readexactly(FRAME.size))
            return self._decoder.decode(await self._reader.readexactly(length))
        except (asyncio.IncompleteReadError, ConnectionError):
            return None

    async def listen(self, heard: Handler) -> None:
        """Hands on what comes until the other one is gone. No word waits for the one before it to be dealt with."""
        while (word := await self.next_word()) is not None:
            if isinstance(word, Answer):
                waiting = self._waiting.get(word.id)
                if waiting is not None and not waiting.done():
                    waiting.set_result(word.meters)
                continue
            task = asyncio.create_task(self._deal_with(word, heard))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        self._over = True
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_result(None)

    async def _deal_with(self, word: Word, heard: Handler) -> None:
        meters = None
        try:
            meters = await heard(word)
        except ModelhallError as error:
            log.warning("could not do what another process asked for: %s", error.message)
        if isinstance(word, Question):
            self.say(Answer(word.id, meters))

    async def close(self) -> None:
        """Ends the line."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._writer.close()


@asynccontextmanager
async def open_channel(end: socket.socket) -> AsyncGenerator[Channel]:
    """This end of the pair as a channel; closed at the end."""
    channel = Channel(*await asyncio.open_unix_connection(sock=end))
    try:
        yield channel
    finally:
        await channel.close()

"""A worker's side of the line: what it is told, what it is asked, and what it asks of the others."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

from modelhall.gateway.engine import EngineAddress
from modelhall.gateway.meters import Meters
from modelhall.gateway.opening import Gateway
from modelhall.services.local.elsewhere import EngineElsewhere
from modelhall.workers.channel import Channel
from modelhall.workers.words import Counted, EngineNews, EngineWanted, Orders, Question, Word

TELL_S = 1.0
"""How often it tells what it counted: so much is missing from the sums if it is killed."""


class Post:
    """What a worker has instead of what its parent keeps."""

    def __init__(self, channel: Channel, orders: Orders) -> None:
        self._channel = channel
        self._gateway: Gateway | None = None
        self._alone = False
        self._leave: Callable[[], None] = lambda: None
        self.engine = EngineElsewhere(lambda install: channel.say(EngineWanted(install)))
        self._engine_news(orders.engine)

    @asynccontextmanager
    async def at_work(self, gateway: Gateway) -> AsyncGenerator[None]:
        """Answers for this data plane as long as the context lasts."""
        self._gateway = gateway
        telling = asyncio.create_task(self._tell_now_and_then(gateway))
        try:
            yield
        finally:
            telling.cancel()
            await asyncio.gather(telling, return_exceptions=True)
            self._channel.say(Counted(await gateway.counted()))
            self._gateway = None

    async def listen(self) -> None:
        """Listens to the parent until it is gone."""
        await self._channel.listen(self._heard)
        self._alone = True
        self._leave()

    def when_alone(self, leave: Callable[[], None]) -> None:
        """Has `leave` called when the parent is gone; at once when it is already."""
        self._leave = leave
        if self._alone:
            leave()

    async def catch_up(self) -> None:
        """Brings what all processes have in their journals into the ledger. Raises DatabaseUnavailable."""
        if self._gateway is not None:
            await self._gateway.housekeeping.fold()
        await self._channel.ask("fold")

    async def counted(self) -> Meters:
        """What all processes counted; of this one alone when the parent does not answer."""
        if self._gateway is None:
            return Meters()
        return await self._channel.ask("count") or await self._gateway.counted()

    async def changed(self, _number: int) -> None:
        """This process made a change: returns when the others have seen it, as far as they answer."""
        await self._channel.ask("look")

    async def _heard(self, word: Word) -> None:
        match word:
            case EngineNews():
                self._engine_news(word)
            case Question() if self._gateway is not None:
                await self._answer(word, self._gateway)
            case _:
                pass

    async def _answer(self, question: Question, gateway: Gateway) -> None:
        match question.what:
            case "count":
                self._channel.say(Counted(await gateway.counted()))
            case "fold":
                await gateway.housekeeping.fold()
            case "look":
                await gateway.lookout.poll()

    def _engine_news(self, news: EngineNews) -> None:
        answers = news.origin is not None and news.api_key is not None
        self.engine.told(news.status, EngineAddress(news.origin or "", news.api_key or "") if answers else None)

    async def _tell_now_and_then(self, gateway: Gateway) -> None:
        while True:
            await asyncio.sleep(TELL_S)
            self._channel.say(Counted(await gateway.counted()))

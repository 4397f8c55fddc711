"""Small writes of one turn of the loop: the first at once, the others in their order at its end."""

import asyncio
from typing import cast

from modelhall.gateway.outbox import Outbox


class Line:
    """Keeps what is written."""

    def __init__(self, log: list[bytes]) -> None:
        self._log, self.closing = log, False

    def is_closing(self) -> bool:
        return self.closing

    def write(self, data: bytes) -> None:
        self._log.append(data)


def transport(line: Line) -> asyncio.WriteTransport:
    return cast(asyncio.WriteTransport, line)


async def test_the_first_goes_at_once_and_the_others_together_in_their_order() -> None:
    written: list[bytes] = []
    line, other = transport(Line(written)), transport(Line(written))
    box = Outbox(asyncio.get_running_loop())
    for data, to in ((b"1", line), (b"2", other), (b"3", line)):
        box.put(to, data)
    assert written == [b"1"]
    await asyncio.sleep(0)
    assert written == [b"1", b"2", b"3"]
    box.put(line, b"4")
    assert written[-1] == b"4"


async def test_what_waits_can_be_sent_before_its_time_and_only_once() -> None:
    written: list[bytes] = []
    line = transport(Line(written))
    box = Outbox(asyncio.get_running_loop())
    box.put(line, b"1")
    box.put(line, b"2")
    box.flush()
    assert written == [b"1", b"2"]
    await asyncio.sleep(0)
    assert written == [b"1", b"2"]


async def test_a_line_that_closes_meanwhile_gets_nothing() -> None:
    written: list[bytes] = []
    line = Line(written)
    box = Outbox(asyncio.get_running_loop())
    box.put(transport(line), b"1")
    box.put(transport(line), b"2")
    line.closing = True
    await asyncio.sleep(0)
    assert written == [b"1"]

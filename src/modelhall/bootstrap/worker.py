"""One worker of a server: `python -m modelhall.bootstrap.worker` with the numbers of what it inherits.

Started by the parent alone. It ends when the parent is gone, however that went, and may finish its calls before.
"""

import asyncio
import logging
import socket
import sys

import uvloop

from modelhall.bootstrap.beside import beside
from modelhall.bootstrap.doorstep import take_all_files
from modelhall.bootstrap.house import open_branch
from modelhall.bootstrap.server import WorkersServer, calm_collector
from modelhall.bootstrap.tls import tls_of
from modelhall.domain.errors import ModelhallError
from modelhall.services.logs.json_lines import write_json_lines
from modelhall.settings import Settings
from modelhall.workers.board import Board
from modelhall.workers.channel import Channel, open_channel
from modelhall.workers.post import Post
from modelhall.workers.words import CannotStart, Orders, Ready

ALONE_S = 10
"""How long calls may go on when the parent is gone: the next server waits for the data directory a little longer."""
CANNOT_START = 3

log = logging.getLogger(__name__)


def main() -> int:
    """Serves until it is told to stop."""
    line, listener, board, _lock = map(int, sys.argv[1:])
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_work(socket.socket(fileno=line), socket.socket(fileno=listener), board))


async def _work(line: socket.socket, listener: socket.socket, board: int) -> int:
    take_all_files()
    async with open_channel(line) as channel:
        orders = await channel.next_word()
        if not isinstance(orders, Orders):
            return CANNOT_START
        settings = Settings.model_validate_json(orders.settings)
        write_json_lines(settings.log_level, worker=orders.seat)
        try:
            await _serve(settings, channel, orders, listener, Board(board, settings.workers))
        except ModelhallError as error:
            log.error("worker %d cannot go on: %s", orders.seat, error.message)
            channel.say(CannotStart(error.message))
            return CANNOT_START
    return 0


async def _serve(settings: Settings, channel: Channel, orders: Orders, listener: socket.socket, board: Board) -> None:
    post = Post(channel, orders)
    async with beside(post.listen()), tls_of(settings) as tls, open_branch(settings, orders.token, post) as house:
        server = WorkersServer(settings, house, tls, listener, board, orders.seat, lambda: channel.say(Ready()))
        post.when_alone(lambda: server.alone(ALONE_S))
        calm_collector()
        await server.serve(sockets=[])


if __name__ == "__main__":
    sys.exit(main())

"""The engine's own process: takes its orders from stdin, serves the built-in model on loopback, ends with its parent.

Stands on the standard library alone: it is started by its path, isolated, so that it is up in a moment and sees
nothing of the environment. Orders are one JSON line on stdin, never arguments, which any user of the machine can
read. It answers with one JSON line on stdout: {"origin", "version"} once it serves, or {"error"}.
"""

import contextlib
import ctypes
import importlib
import json
import os
import resource
import signal
import sys
import threading
from typing import Any, TextIO

PR_SET_PDEATHSIG = 1
NICENESS = 5
OOM_SCORE = "500"
THREADS = 1
# Each waiting call holds one of these threads; they are cheap, and with too few even /health has to queue.
HTTP_THREADS = 64
LOG_ERRORS = 1
POOL_MEAN = 1


def main() -> int:
    """Serve until stdin closes."""
    answer = _answer_line()
    _quieten()
    _die_with_parent()
    orders = json.loads(sys.stdin.buffer.readline())
    threading.Thread(target=_leave_with_stdin, daemon=True).start()
    try:
        # Not an import statement: the folder is known only now.
        sys.path.insert(0, orders["folder"])
        engine = importlib.import_module("xllamacpp")
        server = engine.Server(_params(engine.CommonParams(), orders))
    except (ImportError, OSError, RuntimeError, ValueError) as exc:
        _say(answer, {"error": f"{type(exc).__name__}: {exc}"})
        return 1
    _say(answer, {"origin": server.listening_address, "version": engine.__version__})
    signal.pause()
    return 0


def _answer_line() -> TextIO:
    """The one line to the parent; whatever the engine prints to stdout goes to stderr instead."""
    line = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    return line


def _quieten() -> None:
    # Ctrl-C in a terminal reaches the whole group; the server drains its streams first and then stops us.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.nice(NICENESS)
    # Short of memory, the kernel shall take this process, which comes back, and not the server.
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as score:
        score.write(OOM_SCORE)


def _die_with_parent() -> None:
    """Ask Linux for SIGKILL when the parent dies; elsewhere the end of stdin does the same a moment later."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _leave_with_stdin() -> None:
    while sys.stdin.buffer.read(4096):
        pass
    # Not sys.exit: the engine's own threads would be waited for.
    os._exit(0)


def _params(params: Any, orders: dict[str, Any]) -> Any:
    params.model.path = orders["weights"]
    params.model_alias = {orders["model"]}
    params.hostnames = ["127.0.0.1"]
    # The system picks a free port, so no other program can be listening there.
    params.port = 0
    params.api_keys = [orders["api_key"]]
    params.n_ctx = orders["context"]
    params.n_parallel = orders["slots"]
    params.cpuparams.n_threads = THREADS
    params.cpuparams_batch.n_threads = THREADS
    params.n_threads_http = HTTP_THREADS
    params.embedding = True
    params.pooling_type = POOL_MEAN
    # By default the engine keeps old prompts in up to 8 GB of memory.
    params.cache_ram_mib = 0
    params.cache_idle_slots = False
    params.ui = False
    params.endpoint_slots = False
    params.verbosity = LOG_ERRORS
    return params


def _say(line: TextIO, words: dict[str, str]) -> None:
    json.dump(words, line)
    line.write("\n")
    line.flush()


if __name__ == "__main__":
    sys.exit(main())

"""``serve``: the dashboard and the REST API on one port, or the API alone in one or several processes."""

from __future__ import annotations

import argparse
import os
import runpy
import signal
import socket
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Final, NoReturn

from core.api.cors import allowed_origins
from core.api.guard import is_local
from core.api.metrics import MULTIPROCESS
from core.commands import console
from core.errors import InputError
from core.settings import PREFIX, get_settings
from core.store import open_store

if TYPE_CHECKING:
    import uvicorn
    from uvicorn.supervisors import Multiprocess

__all__ = ["add", "command_line", "serve"]

_HOME = Path(__file__).resolve().parents[2] / "Home.py"
_FACTORY: Final = "core.api.alone:make"
_PROTOCOL: Final = "core.api.wire:Bounded"
_GRACE_SECONDS: Final = 30
#: A process that does not answer its parent for this long is replaced; long enough for a busy machine.
_HUNG_SECONDS: Final = 60
_MOST_WORKERS: Final = 256


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument("--host", metavar="H", help="监听地址;默认只有本机能访问")
    parser.add_argument("--port", metavar="P", type=int, help="端口")
    parser.add_argument("--api-only", action="store_true", help="只启动 REST 接口,不启动网页看板")
    parser.add_argument("--workers", metavar="N", type=int, help="只启动 REST 接口,用 N 个进程")


def serve(arguments: argparse.Namespace) -> int:
    """Run the server until it is stopped and return the exit code.

    Raises:
        InputError: I03 the port or the number of processes is invalid, I05 off localhost without an API key.
        StoreError: With the API alone: S01 the data folder is unusable, S02 a file in it is damaged.
    """
    settings = get_settings()
    host = arguments.host or settings.host
    port = settings.port if arguments.port is None else arguments.port
    workers = settings.api_workers if arguments.workers is None else arguments.workers
    if not 0 < port < 1 << 16:
        raise InputError("I03", f"端口 {port} 不在 1 到 65535 之间。", "请换一个端口。")
    if not 0 < workers <= _MOST_WORKERS:
        raise InputError("I03", f"进程数 {workers} 不在 1 到 {_MOST_WORKERS} 之间。", "请换一个数。")
    if not is_local(host) and not settings.api_key_sha256:
        raise InputError(
            "I05",
            f"监听 {host} 会让网络上的其他机器访问,但没有设置 API 密钥。",
            "请先设置 TINGFENG_API_KEY_SHA256,或用 --host 127.0.0.1。",
        )
    # the guard of the API and the pages read the settings again and must see these values
    os.environ[PREFIX + "HOST"], os.environ[PREFIX + "PORT"] = host, str(port)
    get_settings.cache_clear()
    shown = f"[{host}]" if ":" in host else host
    if arguments.api_only or arguments.workers is not None:
        console.warn(f"听风 REST 接口:http://{shown}:{port}/api (按 Ctrl-C 结束)")
        return _serve_api(host, port, workers)
    console.warn(f"听风:http://{shown}:{port} (按 Ctrl-C 结束)")
    signal.signal(signal.SIGINT, _leave)
    signal.signal(signal.SIGTERM, _leave)
    sys.argv = command_line(host, port, settings.max_file_mb)
    # in this process, so that signals and the exit code are Streamlit's own
    runpy.run_module("streamlit", run_name="__main__", alter_sys=True)
    return 0


def _serve_api(host: str, port: int, workers: int) -> int:
    """Run the API alone; each process reads its configuration from the environment."""
    import uvicorn

    _check_free(host, port)
    # fail here rather than in each of several processes
    allowed_origins(get_settings())
    open_store().close()
    os.environ[PREFIX + "API_WORKERS"] = str(workers)
    if workers > 1 and not get_settings().threads:
        # one thread per core in every process would only oversubscribe the cores
        os.environ[PREFIX + "THREADS"] = str(max(1, (os.cpu_count() or 1) // workers))
    get_settings.cache_clear()
    with tempfile.TemporaryDirectory(prefix="tingfeng-") as folder:
        if workers > 1:
            os.environ[MULTIPROCESS] = folder
        signal.signal(signal.SIGINT, _leave)
        signal.signal(signal.SIGTERM, _leave)
        config = uvicorn.Config(
            _FACTORY,
            factory=True,
            host=host,
            port=port,
            workers=workers,
            http=_PROTOCOL,
            log_level="warning",
            access_log=False,
            server_header=False,
            proxy_headers=False,  # the guard inspects these headers itself and trusts none
            timeout_graceful_shutdown=_GRACE_SECONDS,
            timeout_worker_healthcheck=_HUNG_SECONDS,
        )
        if workers == 1:
            server = uvicorn.Server(config)
            server.run()
            # a signal exits with its own code; otherwise the server has reported why it could not start
            return 0 if server.started else 2
        return _supervise(_supervisor(config))


class _OneForEach(socket.socket):
    """A bound socket that becomes a new one on the same port when it is pickled to another process.

    Linux then distributes new connections evenly. On a shared socket, the process that wakes first accepts every
    waiting connection: of 64 simultaneous callers, nearly all were with one of two processes (measured).
    """

    def __reduce__(self) -> tuple[Callable[..., socket.socket], tuple[object, ...]]:
        return _bound, (int(self.family), self.getsockname())


def _bound(family: int, address: tuple[object, ...]) -> socket.socket:
    made = _OneForEach(family, socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    made.bind(address)
    return _prompt(made)


def _prompt(made: socket.socket) -> socket.socket:
    # connections inherit it; without it, the last part of a response on a passed socket waits 40 ms
    made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    made.set_inheritable(True)
    return made


def _socket(config: uvicorn.Config) -> socket.socket:
    """Return the socket that several processes listen on; the port is known to be free."""
    if sys.platform != "linux":
        return _prompt(config.bind_socket())
    family, *_, address = socket.getaddrinfo(config.host, config.port, type=socket.SOCK_STREAM)[0]
    return _bound(family, address)


def _supervisor(config: uvicorn.Config) -> Multiprocess:
    from uvicorn.supervisors import Multiprocess

    class Supervisor(Multiprocess):
        """A supervisor that notices at once when a process dies during its health check.

        It holds both ends of the pipe to each process. As long as the child's end is open here too, nothing signals its
        death, and the supervisor waits for an answer until the timeout for hung processes.
        """

        def keep_subprocess_alive(self) -> None:
            for process in self.processes:
                process.child_conn.close()
            super().keep_subprocess_alive()

    return Supervisor(config, sockets=[_socket(config)])


def _supervise(processes: Multiprocess) -> int:
    """Run several processes until a signal ends them and return the exit code that shells expect."""
    received: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
        received.append(number)
        processes.signal_queue.append(number)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, note)
    processes.run()
    # without a signal, they could not start and have reported why
    return 128 + received[0] if received else 2


def _check_free(host: str, port: int) -> None:
    """Raise our own error if a port is taken; uvicorn would only log it."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as exc:
            raise InputError("I03", f"端口 {port} 不能监听:{exc.strerror}。", "请换一个端口或地址。") from exc


def _leave(number: int, _frame: FrameType | None) -> NoReturn:
    """Exit with the code shells expect; the server has already shut down when it forwards the signal."""
    raise SystemExit(128 + number)


def command_line(host: str, port: int, upload_limit_mb: int) -> list[str]:
    """Return the arguments that start Streamlit for us.

    Example:
        >>> command_line("127.0.0.1", 8501, 200)[:2]
        ['streamlit', 'run']
    """
    options = {
        "server.address": host,
        "server.port": str(port),
        "server.headless": "true",
        "server.maxUploadSize": str(upload_limit_mb),
        "browser.gatherUsageStats": "false",
        "browser.serverAddress": host,
    }
    return ["streamlit", "run", str(_HOME), *(f"--{name}={value}" for name, value in options.items())]

"""``serve``: the dashboard and the REST API on one port."""

from __future__ import annotations

import argparse
import os
import runpy
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import NoReturn

from core.api.guard import is_local
from core.commands import console
from core.errors import InputError
from core.settings import PREFIX, get_settings

__all__ = ["add", "command_line", "serve"]

_HOME = Path(__file__).resolve().parents[2] / "Home.py"


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument("--host", metavar="H", help="监听地址;默认只有本机能访问")
    parser.add_argument("--port", metavar="P", type=int, help="端口")


def serve(arguments: argparse.Namespace) -> int:
    """Run the server until it is stopped; returns the exit code.

    Raises:
        InputError: I03 the port is none, I05 off localhost without an API key.
    """
    settings = get_settings()
    host = arguments.host or settings.host
    port = settings.port if arguments.port is None else arguments.port
    if not 0 < port < 1 << 16:
        raise InputError("I03", f"端口 {port} 不在 1 到 65535 之间。", "请换一个端口。")
    if not is_local(host) and not settings.api_key_sha256:
        raise InputError(
            "I05",
            f"监听 {host} 会让网络上的其他机器访问,但没有设置 API 密钥。",
            "请先设置 TINGFENG_API_KEY_SHA256,或用 --host 127.0.0.1。",
        )
    # the guard of the API and the pages read the settings again: they must see what was asked for here
    os.environ[PREFIX + "HOST"], os.environ[PREFIX + "PORT"] = host, str(port)
    get_settings.cache_clear()
    shown = f"[{host}]" if ":" in host else host
    console.warn(f"听风:http://{shown}:{port} (按 Ctrl-C 结束)")
    signal.signal(signal.SIGINT, _leave)
    signal.signal(signal.SIGTERM, _leave)
    sys.argv = command_line(host, port, settings.max_file_mb)
    # in this process, so that signals and the exit code are Streamlit's own
    runpy.run_module("streamlit", run_name="__main__", alter_sys=True)
    return 0


def _leave(number: int, _frame: FrameType | None) -> NoReturn:
    """End with the code shells expect; the server has already shut down when it hands the signal on."""
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

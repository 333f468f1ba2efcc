"""The command ``serve``: where it listens, what it answers, how it leaves."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from core.commands.serve import command_line

ROOT = Path(__file__).resolve().parents[1]

pytestmark = pytest.mark.usefixtures("own_data_folder")


def test_serve_starts_streamlit_on_the_address_asked_for() -> None:
    line = command_line("127.0.0.1", 9000, 64)
    assert line[2] == str(ROOT / "Home.py")
    assert {"--server.port=9000", "--server.address=127.0.0.1", "--server.maxUploadSize=64"} <= set(line)


@pytest.mark.slow
def test_serve_answers_on_its_port_and_leaves_with_130_on_ctrl_c() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    line = [sys.executable, "-m", "core", "serve", "--port", str(port)]
    with subprocess.Popen(line, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as server:
        try:
            assert _answers(f"http://127.0.0.1:{port}/api/health")
            assert _answers(f"http://127.0.0.1:{port}/")
        finally:
            server.send_signal(signal.SIGINT)
            _, err = server.communicate(timeout=60)
    assert server.returncode == 130
    assert not re.search("Traceback|nanobind|leaked", err), err


def _answers(address: str) -> bool:
    until = time.monotonic() + 90
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:  # noqa: S310
                return bool(answer.status == 200)
        except OSError:
            time.sleep(0.2)
    return False

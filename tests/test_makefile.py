"""What `make` would run: the port, and where torch comes from."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="needs make")


def plan(*arguments: str) -> str:
    """Return the commands that make would run, none of which is run."""
    clean = {name: value for name, value in os.environ.items() if name not in {"PORT", "TORCH_CPU", "MAKEFLAGS"}}
    done = subprocess.run(
        ["make", "-n", "-B", *arguments], cwd=ROOT, env=clean, capture_output=True, text=True, check=True
    )
    return done.stdout


@pytest.fixture
def index(tmp_path: Path) -> Iterator[str]:
    """The address of a package index that has a page for torch and nothing else."""
    (tmp_path / "torch").mkdir()
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(SimpleHTTPRequestHandler, directory=tmp_path)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def more_for_pip(address: str) -> str:
    """Return what the Makefile adds to pip's line for torch when it asks an address."""
    asked = re.search(r'-c ("[^"]+")', plan("env", f"TORCH_CPU={address}", "VENV=build/none"))
    assert asked is not None
    alone = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    done = subprocess.run(
        ["sh", "-c", f"{sys.executable} -c {asked[1]}"], env=alone, capture_output=True, text=True, check=False
    )
    return done.stdout.strip()


def test_make_run_leaves_the_port_to_the_settings() -> None:
    assert "-m core serve" in plan("run")
    assert "--port" not in plan("run")


def test_make_run_takes_a_port() -> None:
    assert "-m core serve --port 9000" in plan("run", "PORT=9000")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a torch with CUDA on PyPI")
def test_torch_comes_from_the_index_without_cuda_when_that_answers(index: str) -> None:
    assert more_for_pip(index) == f"--extra-index-url {index}"


def test_pip_is_not_sent_to_an_index_that_does_not_answer() -> None:
    assert more_for_pip("http://127.0.0.1:1") == ""

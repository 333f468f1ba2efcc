"""The API without the dashboard, in one process and in several."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import pytest
from fastapi.testclient import TestClient

from core.api.alone import make
from core.commands import main
from core.settings import get_settings

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def own_address(own_data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # serve hands its choices on through the environment: they end with the test
    monkeypatch.setenv("TINGFENG_HOST", "127.0.0.1")
    monkeypatch.setenv("TINGFENG_PORT", "8501")
    get_settings.cache_clear()


def test_one_process_scores_and_takes_jobs_until_it_ends() -> None:
    app = make()
    with TestClient(app, base_url="http://localhost", raise_server_exceptions=False) as client:
        assert client.get("/api/health").json()["status"] == "ok"
        assert client.get("/").url.path == "/api/docs"
        assert client.post("/api/sentiment", json={"text": "质量很好,会再来"}).json()["sentiment"] == "Positive"
        assert client.get("/api/jobs").json() == {"jobs": [], "count": 0}
    assert client.post("/api/sentiment", json={"text": "好"}).json()["code"] == "A35"


def test_one_of_several_processes_takes_jobs_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TINGFENG_API_WORKERS", "2")
    get_settings.cache_clear()
    with TestClient(make(), base_url="http://localhost", raise_server_exceptions=False) as client:
        sent = client.post("/api/jobs", files={"file": ("a.csv", "评论,编号\n很好,1\n太差了,2\n")})
        assert sent.status_code == 202
        for _ in range(3000):
            job = client.get(sent.headers["location"]).json()
            if job["state"] == "done":
                break
            threading.Event().wait(0.01)
        assert (job["state"], job["rows_done"]) == ("done", 2)


def test_prometheus_finds_the_metrics_at_its_usual_address() -> None:
    with TestClient(make(), base_url="http://localhost", raise_server_exceptions=False) as client:
        client.post("/api/sentiment", json={"text": "好"})
        for address in ("/metrics", "/api/metrics"):
            assert "\ntingfeng_texts_scored_total 1.0\n" in client.get(address).text
        refused = client.get("/metrics", headers={"Host": "evil.example"})
        assert (refused.status_code, refused.json()["code"]) == (403, "A27")


def test_an_address_beside_the_api_is_refused_in_the_same_shape() -> None:
    with TestClient(make(), base_url="http://localhost", raise_server_exceptions=False) as client:
        for address in ("/nowhere", "/metrics/nowhere"):
            answer = client.get(address)
            assert (answer.status_code, answer.json()["code"]) == (404, "A28")
        assert client.delete("/metrics").json()["code"] == "A29"


def test_a_model_that_cannot_be_loaded_does_not_keep_the_api_from_starting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TINGFENG_BACKEND", "/nowhere/none")
    get_settings.cache_clear()
    with TestClient(make(), base_url="http://localhost", raise_server_exceptions=False) as client:
        assert client.get("/api/health").json()["status"] == "degraded"
        answer = client.post("/api/sentiment", json={"text": "好"})
        assert (answer.status_code, "/nowhere" in answer.text) == (503, False)


@pytest.mark.parametrize("arguments", [["--workers", "0"], ["--workers", "-1"], ["--api-only", "--workers", "999"]])
def test_a_number_of_processes_that_is_none_is_refused(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["serve", *arguments]) == 2
    assert "[I03] 进程数" in capsys.readouterr().err


def test_a_port_that_is_taken_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert main(["serve", "--api-only", "--port", str(taken.getsockname()[1])]) == 2
    assert "[I03] 端口" in capsys.readouterr().err


@pytest.mark.parametrize("workers", ["1", "2"])
def test_an_origin_that_is_none_is_said_before_anything_starts(
    workers: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TINGFENG_API_CORS_ORIGINS", "*")
    get_settings.cache_clear()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    assert main(["serve", "--port", port, "--workers", workers]) == 2
    assert "[I02]" in capsys.readouterr().err


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_damaged_data_folder_is_said_before_anything_starts(
    workers: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "catalogue.sqlite").write_bytes(b"this is no database, not at all" * 99)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    assert main(["serve", "--port", port, "--workers", workers]) == 2
    assert "[S02]" in capsys.readouterr().err


@contextmanager
def serving(workers: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Run the API in processes of its own; gives its address and the process to send signals to."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}"
    line = [sys.executable, "-m", "core", "serve", "--port", address.rpartition(":")[2], "--workers", workers]
    with subprocess.Popen(line, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as server:
        try:
            # the first answer of all is already one of a warm model: until then the port is closed
            assert ask(f"{address}/api/sentiment", {"text": "味道很好"})["sentiment"] == "Positive"
            yield address, server
        finally:
            server.kill()


def workers_of(server: subprocess.Popen[str]) -> list[psutil.Process]:
    """Return the processes that serve; multiprocessing has a helper of its own beside them."""
    found = []
    for one in psutil.Process(server.pid).children():
        with suppress(psutil.NoSuchProcess):  # or it has died and nobody has noticed yet
            if "spawn_main" in " ".join(one.cmdline()):
                found.append(one)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("workers", ["1", "2"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_serve_runs_the_api_alone_and_leaves_with_the_code_of_its_signal(workers: str, number: signal.Signals) -> None:
    with serving(workers) as (address, server):
        for _ in range(9):
            ask(f"{address}/api/sentiment", {"text": "味道很好"})
        with urllib.request.urlopen(f"{address}/api/metrics") as answer:  # noqa: S310
            assert "\ntingfeng_texts_scored_total 10.0\n" in answer.read().decode()
        server.send_signal(number)
        _, err = server.communicate(timeout=60)
        assert server.returncode == 128 + number
        assert not re.search("Traceback|nanobind|leaked", err), err
        assert closed(address)


@pytest.mark.slow
def test_processes_end_when_the_one_that_started_them_is_killed() -> None:
    with serving("2") as (address, server):
        server.kill()
        server.wait(60)
        assert closed(address)


@pytest.mark.slow
def test_a_process_that_dies_while_it_is_asked_whether_it_lives_is_replaced_at_once() -> None:
    with serving("2") as (_, server):
        first, second = workers_of(server)
        first.suspend()
        time.sleep(1.5)  # it is asked twice a second; by now its answer is being waited for
        first.kill()
        until = time.monotonic() + 40  # an answer is waited for 60 s
        while (len(alive := workers_of(server)) < 2 or first in alive) and time.monotonic() < until:
            time.sleep(0.1)
        assert (len(alive), first in alive, second in alive) == (2, False, True)
        server.terminate()
        server.communicate(timeout=60)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="other systems deal connections out in their own way")
def test_callers_that_come_together_are_dealt_out_to_all_processes() -> None:
    with serving("2") as (address, server):
        host, _, port = address.removeprefix("http://").partition(":")
        until = time.monotonic() + 60
        held = [0, 0]
        while held[-2] < 8 and time.monotonic() < until:  # until both processes listen
            with ExitStack() as stack:
                calls = [stack.enter_context(socket.create_connection((host, int(port)))) for _ in range(40)]
                time.sleep(0.5)
                ports = {call.getsockname()[1] for call in calls}
                held = sorted(connections(one, ports) for one in psutil.Process(server.pid).children())
        assert held[-2] >= 8


def connections(process: psutil.Process, callers: set[int]) -> int:
    """Return how many connections of callers, told by their ports, a process holds."""
    return sum(bool(one.raddr) and one.raddr.port in callers for one in process.net_connections("tcp"))


def closed(address: str) -> bool:
    """Return whether nobody listens there any more, soon."""
    host, _, port = address.removeprefix("http://").partition(":")
    for _ in range(600):
        with socket.socket() as caller:
            if caller.connect_ex((host, int(port))):
                return True
        time.sleep(0.1)
    return False


def ask(address: str, body: dict[str, Any]) -> Any:
    request = urllib.request.Request(  # noqa: S310
        address, json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    until = time.monotonic() + 90
    while True:
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
                return json.load(answer)
        except urllib.error.HTTPError:
            raise
        except OSError:
            assert time.monotonic() < until
            time.sleep(0.2)

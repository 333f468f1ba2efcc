"""Downloads with modelscope's own client against a hub on this machine, and without any hub."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlparse

import pytest

from core.errors import ModelError, NetworkMissingError
from core.score import download, hub, load
from core.settings import get_settings
from tests.score import folders

pytestmark = [
    pytest.mark.torch,
]


class Hub(ThreadingHTTPServer):
    """Speaks as much of ModelScope's protocol as fetching a model needs."""

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.files = {p.name: p.read_bytes() for p in folder.iterdir()}
        self.broken = False
        self.asked: list[str] = []


class _Answer(BaseHTTPRequestHandler):
    server: Hub

    def do_GET(self) -> None:
        wanted = parse_qs(urlparse(self.path).query).get("FilePath", [""])[0]
        if wanted:
            self.server.asked.append(wanted)
        if self.server.broken and wanted:
            self.send_error(404)
            return
        body = self.server.files.get(wanted, b"") if wanted else json.dumps(self._listing()).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _listing(self) -> dict[str, object]:
        rows = [
            {
                "Name": n,
                "Path": n,
                "Type": "blob",
                "Size": len(b),
                "Sha256": hashlib.sha256(b).hexdigest(),
                "Revision": "master",
            }
            for n, b in self.server.files.items()
        ]
        return {"Code": 200, "Success": True, "Message": "success", "Data": {"Files": rows}}

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it
        """Stay quiet."""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("TINGFENG_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("MODELSCOPE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    get_settings.cache_clear()
    yield tmp_path
    get_settings.cache_clear()


@pytest.fixture
def model_hub(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    source = folders.structbert_folder(home / "source")
    (source / "training_args.bin").write_bytes(b"not wanted" * 1000)
    server = Hub(source)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("MODELSCOPE_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
    yield server
    server.shutdown()
    server.server_close()


def test_a_downloaded_model_loads_by_its_name(model_hub: Hub, home: Path) -> None:
    seen: list[tuple[int, int]] = []
    folder = download("structbert-tiny", lambda received, expected: seen.append((received, expected)))
    assert folder.parent == home / "data" / "models" / "iic"
    assert load("structbert-tiny").labels == ("负面", "正面")
    assert seen[-1][0] >= (folder / "model.safetensors").stat().st_size
    assert all(received <= expected for received, expected in seen)


def test_only_the_files_that_scoring_needs_are_fetched(model_hub: Hub, home: Path) -> None:
    download("structbert-tiny", lambda received, expected: None)
    assert "training_args.bin" not in model_hub.asked


def test_a_failed_download_leaves_no_model_and_can_be_repeated(model_hub: Hub, home: Path) -> None:
    model_hub.broken = True
    with pytest.raises(ModelError, match=r"^\[M12\]"):
        download("structbert-tiny", lambda received, expected: None)
    assert hub.find("nlp_structbert_sentiment-classification_chinese-tiny") is None
    model_hub.broken = False
    download("structbert-tiny", lambda received, expected: None)
    assert hub.find("nlp_structbert_sentiment-classification_chinese-tiny") is not None


def test_progress_may_give_up(model_hub: Hub, home: Path) -> None:
    class EnoughError(Exception):
        pass

    def stop(received: int, expected: int) -> None:
        raise EnoughError

    with pytest.raises(EnoughError):
        download("structbert-tiny", stop)
    assert hub.find("nlp_structbert_sentiment-classification_chinese-tiny") is None


def test_without_a_network_the_answer_comes_at_once_and_in_chinese(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODELSCOPE_ENDPOINT", "http://127.0.0.1:9")
    start = time.monotonic()
    with pytest.raises(NetworkMissingError, match=r"^\[M03\].*拷到本机.*builtin"):
        download("structbert", lambda received, expected: None)
    assert time.monotonic() - start < hub.PROBE_SECONDS + 1


def test_a_hub_that_never_answers_is_given_up_on_in_seconds(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setattr(hub, "PROBE_SECONDS", 0.3)
        assert not hub.probe(f"http://127.0.0.1:{silent.getsockname()[1]}")


def test_a_hub_that_answers_with_an_error_is_there(model_hub: Hub) -> None:
    model_hub.broken = True
    assert hub.probe(f"{hub.endpoint()}/?FilePath=x")


@pytest.mark.parametrize(("name", "code"), [("builtin", "M15"), ("nonsense", "M01")])
def test_what_cannot_be_downloaded_is_refused_before_the_network_is_asked(home: Path, name: str, code: str) -> None:
    with pytest.raises(ModelError, match=rf"^\[{code}\]"):
        download(name, lambda received, expected: None)

"""Models on disk and on ModelScope: find them without importing anything, download only on request."""

from __future__ import annotations

import os
import queue
import shutil
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Final

from core.errors import ModelError, NetworkMissingError
from core.settings import get_settings

__all__ = ["OWNERS", "PROBE_SECONDS", "download_repo", "endpoint", "find", "probe", "size_mb"]

#: Accounts that host the same models; the second is the older name.
OWNERS: Final = ("iic", "damo")
#: modelscope itself takes 22 s to detect that there is no network.
PROBE_SECONDS: Final = 4.0
_POLL_SECONDS: Final = 0.25
#: Longest wait for a cancelled transfer to notice.
_CANCEL_SECONDS: Final = 4.0
_WEIGHTS: Final = ("model.safetensors", "pytorch_model.bin")


def find(repo: str) -> Path | None:
    """Return the folder of a downloaded model, from our data folder first, then the caches of ModelScope's tools.

    Args:
        repo: Name under one of ``OWNERS``.

    Returns:
        A folder with config.json and weights; None if there is none on this machine.
    """
    safe = repo.replace(".", "___")
    base = Path(os.environ.get("MODELSCOPE_CACHE") or "~/.cache/modelscope").expanduser()
    candidates = [_home(repo)]
    for owner in OWNERS:
        candidates += [
            base / "models" / owner / safe,
            base / "hub" / "models" / owner / safe,
            base / "hub" / owner / safe,
            base / owner / safe,
        ]
        candidates += sorted((base / "models" / f"{owner}--{repo}" / "snapshots").glob("*"), reverse=True)
    for folder in candidates:
        if (folder / "config.json").is_file() and any((folder / w).is_file() for w in _WEIGHTS):
            return folder
    return None


def size_mb(folder: Path) -> float:
    """Return the total size in megabytes of all files below a folder."""
    return sum(f.stat().st_size for f in folder.rglob("*") if f.is_file()) / 1e6


def endpoint() -> str:
    """Return the URL of the model hub (``MODELSCOPE_ENDPOINT``, else ModelScope)."""
    return os.environ.get("MODELSCOPE_ENDPOINT") or "https://modelscope.cn"


def probe(address: str) -> bool:
    """Return whether a server responds at an address within ``PROBE_SECONDS``, through the configured proxies.

    The request runs in a thread because a name lookup cannot be given a timeout.
    """
    answer: queue.Queue[bool] = queue.Queue()

    def ask() -> None:
        try:
            with urllib.request.urlopen(address, timeout=PROBE_SECONDS):  # noqa: S310 - the configured hub
                answer.put(True)
        except urllib.error.HTTPError:
            answer.put(True)  # the server responded
        except (TimeoutError, OSError, ValueError):
            answer.put(False)

    threading.Thread(target=ask, daemon=True, name="tingfeng-probe").start()
    try:
        return answer.get(timeout=PROBE_SECONDS)
    except queue.Empty:
        return False


def download_repo(
    repo: str,
    progress: Callable[[int], None],
    transfer: Callable[[str, Path, Callable[[int], None]], None],
) -> Path:
    """Download a model into the data folder; the final folder is always complete.

    The transfer runs in a thread; ``progress`` is called from the caller's thread about four times a second, so it
    may update a page, and may raise to cancel. A cancelled transfer keeps its partial files and can be resumed.

    Args:
        repo: Name under ``OWNERS[0]``.
        progress: Called with the bytes received so far.
        transfer: Downloads; called with (repo id, folder, callback that counts received bytes).

    Returns:
        The folder of the model.

    Raises:
        NetworkMissingError: M03 the hub does not respond.
        ModelError: M12 the transfer failed.
    """
    if not probe(endpoint()):
        raise NetworkMissingError(
            "M03",
            f"连不上模型站点「{endpoint()}」,无法下载 {repo}。",
            "请检查网络或代理;也可以在别的电脑上下载模型文件夹,拷到本机后用其路径打开;内置模型 builtin 不需要网络。",
        )
    home = _home(repo)
    part = home.with_name(home.name + ".part")
    part.mkdir(parents=True, exist_ok=True)
    received = [0]
    failure: list[BaseException] = []

    given_up = threading.Event()

    def count(size: int) -> None:
        if given_up.is_set():
            raise InterruptedError  # cancelled; a second transfer may already be writing
        received[0] += size

    def work() -> None:
        try:
            transfer(f"{OWNERS[0]}/{repo}", part, count)
        except BaseException as exc:
            failure.append(exc)

    worker = threading.Thread(target=work, daemon=True, name="tingfeng-download")
    worker.start()
    try:
        while worker.is_alive():
            worker.join(_POLL_SECONDS)
            progress(received[0])
    except BaseException:
        given_up.set()
        worker.join(_CANCEL_SECONDS)
        raise
    if failure:
        raise ModelError(
            "M12",
            f"下载模型 {repo} 失败:{type(failure[0]).__name__}。",
            "请检查网络和磁盘空间后重试,已下载的部分会接着用。",
        ) from failure[0]
    shutil.rmtree(home, ignore_errors=True)
    part.rename(home)
    return home


def _home(repo: str) -> Path:
    return get_settings().data_dir / "models" / OWNERS[0] / repo

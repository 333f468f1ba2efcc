"""Model downloads in a background thread, one at a time, shared by all sessions; started only on request."""

from __future__ import annotations

import threading
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from typing import Any

import streamlit as st

from core.errors import TingfengError
from core.score import download

#: Per model name: ``fraction`` in [0, 1] and the ``future`` of the download.
State = dict[str, dict[str, Any]]


@st.cache_resource(show_spinner=False)
def _executor() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="download")


@st.cache_resource(show_spinner=False)
def _states() -> State:
    return {}


@st.cache_resource(show_spinner=False)
def _stop() -> threading.Event:
    return threading.Event()


def shutdown() -> None:
    """Cancel the running download, so that the process can exit."""
    _stop().set()


def begin(name: str) -> None:
    """Start the download of a model unless it is already running."""
    states = _states()
    if name in states and not states[name]["future"].done():
        return
    entry: dict[str, Any] = {"fraction": 0.0}
    states[name] = entry

    def progress(received: int, expected: int) -> None:
        if _stop().is_set():
            raise CancelledError  # the process is exiting; what was received is kept
        entry["fraction"] = min(1.0, received / expected) if expected else 0.0

    entry["future"] = _executor().submit(download, name, progress)


def running() -> list[tuple[str, float]]:
    """Return the models being downloaded and their progress in [0, 1]."""
    return [(name, entry["fraction"]) for name, entry in _states().items() if not entry["future"].done()]


def take_failures() -> list[tuple[str, TingfengError]]:
    """Return the failures since the last call, each once."""
    failed = []
    for name, entry in list(_states().items()):
        future: Future[object] = entry["future"]
        if future.done():
            _states().pop(name, None)
            error = future.exception()
            if isinstance(error, TingfengError):
                failed.append((name, error))
            elif error is not None:
                raise error
    return failed

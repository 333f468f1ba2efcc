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
#: Two sessions may ask for the same model at once.
_BEGINNING = threading.Lock()


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
    with _BEGINNING:
        entry = _states().get(name)
        if entry is None or entry["future"].done():
            _states()[name] = entry = _begun(name)
    _watched()[name] = entry["future"]


def _begun(name: str) -> dict[str, Any]:
    entry: dict[str, Any] = {"fraction": 0.0}

    def progress(received: int, expected: int) -> None:
        if _stop().is_set():
            raise CancelledError  # the process is exiting; what was received is kept
        entry["fraction"] = min(1.0, received / expected) if expected else 0.0

    entry["future"] = _executor().submit(download, name, progress)
    return entry


def running() -> list[tuple[str, float]]:
    """Return the models being downloaded and their progress in [0, 1]; this session will learn of their failures."""
    under_way = [(name, entry) for name, entry in list(_states().items()) if not entry["future"].done()]
    _watched().update((name, entry["future"]) for name, entry in under_way)
    return [(name, entry["fraction"]) for name, entry in under_way]


def take_failures() -> list[TingfengError]:
    """Return the failures of the downloads that this session started or saw, each once per session."""
    failed = []
    for name, future in list(_watched().items()):
        if future.done():
            del _watched()[name]
            error = future.exception()
            if isinstance(error, TingfengError):
                failed.append(error)
            elif error is not None:
                raise error
    return failed


def _watched() -> dict[str, Future[object]]:
    found: dict[str, Future[object]] = st.session_state.setdefault("downloads_watched", {})
    return found

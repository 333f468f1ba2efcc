"""Objects shared by the whole process: models, the store, the jobs. The dashboard and the API get the same ones."""

from __future__ import annotations

import gc
import sys
from importlib import import_module

import streamlit as st

from core.derive import DerivationQueue
from core.jobs import CachedScorer, Jobs
from core.schema import Backend, ModelInfo, ScoreOptions
from core.settings import get_settings
from core.store import Store, open_store

_CHOSEN = "chosen_model"
#: Thread switch interval in seconds. A page waits for the GIL after every query; with Python's default of .005, a page
#: beside background work took almost five times as long as alone, with this less than three times.
_TURN = 0.0005


@st.cache_resource(show_spinner=False, max_entries=4)
def backend(name: str) -> Backend:
    """Return a loaded model, one object per name in the process.

    Args:
        name: Registry name or folder.
    """
    from core.score import load

    return load(name)


def models() -> list[ModelInfo]:
    """Return the models of this machine."""
    from core.score import models as listed

    return listed()


@st.cache_resource(show_spinner=False)
def store() -> Store:
    """Return the labelled tables and their catalogue under ``data_dir``."""
    return open_store()


@st.cache_resource(show_spinner=False)
def jobs() -> Jobs:
    """Return the process's only job manager."""
    return Jobs(store(), load_backend=backend)


@st.cache_resource(show_spinner=False)
def known_scores() -> CachedScorer:
    """Return the cache of known scores, shared with the jobs."""
    return CachedScorer(store().cache)


@st.cache_resource(show_spinner=False)
def derivation_queue() -> DerivationQueue:
    """Return the object that makes the jobs' derived tables."""
    return DerivationQueue(jobs())


def take_turns() -> None:
    """Keep pages responsive while a job or an analysis works in the same process."""
    sys.setswitchinterval(_TURN)


def warm() -> None:
    """Load the default model and what the first page needs, so that no request waits for it later."""
    from core.api import warm as warm_service

    take_turns()
    # with scipy and the Vega-Lite schema: a second or more that the first trend would otherwise wait for
    for name in ("ruptures", "core.chart"):
        import_module(name)
    warm_service(backend, jobs)


def shutdown() -> None:
    """Stop the running job at the end of a chunk, and a download; both can be resumed."""
    from pages.parts import downloads

    downloads.shutdown()
    derivation_queue().shutdown()
    known_scores().flush()
    jobs().shutdown()
    gc.unfreeze()  # see ``core.api.warm``


def chosen_model() -> str:
    """Return the model of this session: the one chosen on the page 模型, else the default."""
    return str(st.session_state.get(_CHOSEN, get_settings().backend))


def choose_model(name: str) -> None:
    """Make ``name`` the model of this session."""
    st.session_state[_CHOSEN] = name


def score_options(model: Backend) -> ScoreOptions:
    """Return the labelling options of the settings, with emotions if the model predicts them."""
    from core.score import can_tell

    settings = get_settings()
    return ScoreOptions(settings.neutral_band, settings.review_below, settings.max_windows, can_tell(model))

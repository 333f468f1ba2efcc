"""What the whole process shares: models, the store, the jobs. The dashboard and the API get the same objects."""

from __future__ import annotations

import gc
import logging
import sys
from importlib import import_module

import streamlit as st

from core.derive import Workshop
from core.errors import TingfengError
from core.jobs import Jobs, KnownScores
from core.schema import Backend, ModelInfo, ScoreOptions
from core.settings import get_settings
from core.store import Store, open_store

LOG = logging.getLogger(__name__)
_CHOSEN = "chosen_model"
#: Seconds after which a thread hands over to one that waits. A page waits for its turn after every query; with Python's
#: own .005 one beside work in the background took almost five times as long as alone, with this less than three times.
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
    """Return the one jobs manager of the process."""
    return Jobs(store(), load_backend=backend)


@st.cache_resource(show_spinner=False)
def known_scores() -> KnownScores:
    """Return the scores of texts seen before, those of jobs included."""
    return KnownScores(store().cache)


@st.cache_resource(show_spinner=False)
def workshop() -> Workshop:
    """Return where the derived tables of the jobs are made."""
    return Workshop(jobs())


def take_turns() -> None:
    """Let pages keep their pace while a job or an analysis works in the same process."""
    sys.setswitchinterval(_TURN)


def warm() -> None:
    """Load the default model and score one text, so that nobody waits for it later.

    A model that cannot be loaded does not stop the service: the pages and ``/api/health`` say what is wrong.
    """
    take_turns()
    try:
        backend(get_settings().backend).score(["你好"])
    except TingfengError as exc:
        LOG.warning("default model not ready: %s", exc)
    # with scipy and the schema of Vega-Lite, a second or more that the first trend would wait for
    for name in ("ruptures", "core.chart"):
        import_module(name)
    jobs()
    # what is loaded by now stays: to look through it for garbage would hold a page up for a quarter of a second
    gc.collect()
    gc.freeze()


def shutdown() -> None:
    """Stop the running job at a chunk's end, and a download; both can be resumed."""
    from pages.parts import downloads

    downloads.shutdown()
    workshop().shutdown()
    known_scores().flush()
    jobs().shutdown()
    # what warm() froze is nobody's any more: frozen until the end, every native object of it would be called leaked
    gc.unfreeze()


def chosen_model() -> str:
    """Return the model of this session: the one chosen on the page 模型, else the default."""
    return str(st.session_state.get(_CHOSEN, get_settings().backend))


def choose_model(name: str) -> None:
    """Make ``name`` the model of this session."""
    st.session_state[_CHOSEN] = name


def score_options(model: Backend) -> ScoreOptions:
    """Return the labelling options of the settings; emotions too where the model can tell them."""
    from core.score import can_tell

    settings = get_settings()
    return ScoreOptions(settings.neutral_band, settings.review_below, settings.max_windows, can_tell(model))

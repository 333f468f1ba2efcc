"""The derived table of words of a job: there at once for a small job, made in the background for a large one."""

from __future__ import annotations

from core.analyse import synonyms
from core.derive import derive
from core.derive.words import Words
from core.errors import StoreError
from core.schema import JobState
from pages.parts import derived, resources

#: Up to so many rows it takes a fraction of a second, and nobody has to wait for the background.
AT_ONCE_ROWS = 5_000

Groups = tuple[tuple[str, ...], ...]


def ready(job: str, groups: Groups) -> str | None:
    """Return the view of a finished job's words if it is there; else it is begun without a word and None returned."""
    if resources.jobs().get(job).state is not JobState.DONE:
        return None
    recipe = Words(groups)
    state = resources.workshop().state(job, recipe)
    if state is None and _small(job):
        return _at_once(job, recipe)
    if state is None:
        resources.workshop().start(job, recipe)
    return state if isinstance(state, str) else None


def prepare(job: str) -> None:
    """Begin the words of a large finished job, so that they are there by the time somebody opens its dashboard."""
    if not _small(job):
        ready(job, synonyms())


def watched(job: str, groups: Groups) -> str | None:
    """Return the view, or draw how far it is and return None: words without phrases and synonyms can be shown."""
    found = ready(job, groups)
    if found is None and resources.jobs().get(job).state is JobState.DONE:
        return derived.view(job, Words(groups))
    return found


def _small(job: str) -> bool:
    return resources.jobs().get(job).rows_done <= AT_ONCE_ROWS


def _at_once(job: str, recipe: Words) -> str | None:
    try:
        return derive(job, recipe, store=resources.store(), table=resources.jobs().table(job))
    except StoreError:  # somebody makes another table of this job just now: the plain words will do
        return None

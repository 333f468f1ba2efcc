"""The derived table of words of a job: made at once for a small job, in the background for a large one."""

from __future__ import annotations

from core.analyse import synonyms
from core.derive import derive
from core.derive.words import Words
from core.errors import StoreError
from core.schema import JobState
from pages.parts import derived, resources

#: Up to this many rows it takes a fraction of a second and is made synchronously.
AT_ONCE_ROWS = 5_000

Groups = tuple[tuple[str, ...], ...]


def ready(job: str, groups: Groups) -> str | None:
    """Return the view of a finished job's words if it is ready; otherwise start it silently and return None."""
    if resources.jobs().get(job).state is not JobState.DONE:
        return None
    recipe = Words(groups)
    state = resources.derivation_queue().state(job, recipe)
    if state is None and _small(job):
        return _at_once(job, recipe)
    if state is None:
        resources.derivation_queue().start(job, recipe)
    return state if isinstance(state, str) else None


def prepare(job: str) -> None:
    """Start deriving the words of a large finished job, so that they are ready when its dashboard is opened."""
    if not _small(job):
        ready(job, synonyms())


def watched(job: str, groups: Groups) -> str | None:
    """Return the view, or draw its progress and return None: words without phrases and synonyms can be shown."""
    found = ready(job, groups)
    if found is None and resources.jobs().get(job).state is JobState.DONE:
        return derived.view(job, Words(groups))
    return found


def _small(job: str) -> bool:
    return resources.jobs().get(job).rows_done <= AT_ONCE_ROWS


def _at_once(job: str, recipe: Words) -> str | None:
    try:
        return derive(job, recipe, store=resources.store(), table=resources.jobs().table(job))
    except StoreError:  # another table of this job is being made: the plain words suffice
        return None

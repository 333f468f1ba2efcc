"""A store in a temporary folder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from core.schema import JobState
from core.store import LabelledTable, Store
from tests.store.rows import labelled, spec

JOB = "0123456789ab"


@pytest.fixture
def table(store: Store) -> Iterator[LabelledTable]:
    """Fourteen rows in two chunks."""
    store.catalogue.add(JOB, spec(), chunk_rows=7, state=JobState.RUNNING)
    for first in (0, 7):
        store.chunks(JOB).write(labelled(7, first=first), first_row=first, facts={"ragged": 1})
    opened = store.table(JOB)
    yield opened
    opened.close()

"""A labelled table in memory with the query interface of the one on disk."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from bench.memory_table import MemoryTable, make_table


@pytest.fixture(scope="session")
def table() -> Callable[[Sequence[dict[str, Any]]], MemoryTable]:
    return make_table

"""``analyse keywords``: the words that set negative comments apart."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Final

from core.commands import console
from core.commands.opened import add_target, opened
from core.schema import NEGATIVE, POSITIVE, Filter
from core.store import LabelledTable

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["TITLE", "add", "rows"]

TITLE = "关键词"
#: Terms of each side.
_TERMS: Final = 2000


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    add_target(parser)


def rows(arguments: argparse.Namespace) -> pd.DataFrame:
    """Return one row per term, the most negative first."""
    with opened(arguments) as found:
        return _keywords(found.table)


def _keywords(table: LabelledTable) -> pd.DataFrame:
    import pandas as pd

    from core.analyse import keywords

    result = keywords(table, Filter(), limit=_TERMS)
    if result.sampled_from:
        console.warn(f"提示:共 {result.sampled_from:,} 条,词按其中均匀抽取的 {result.n:,} 条统计。")
    terms = [*result.negative, *reversed(result.positive)]
    return pd.DataFrame(
        {
            "词": [term.term for term in terms],
            "负面次数": [term.counts[NEGATIVE] for term in terms],
            "正面次数": [term.counts[POSITIVE] for term in terms],
            "z": [round(term.z, 3) for term in terms],
        }
    )

"""``analyse aspects``: what each comment says about which aspect, one row per mention."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from core.commands.mentions import add_pack, mentions_view
from core.commands.opened import Opened, add_target, opened
from core.schema import LABELS, Col

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["TITLE", "add", "rows"]

TITLE = "各方面被怎么说"


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    add_target(parser)
    add_pack(parser)


def rows(arguments: argparse.Namespace) -> pd.DataFrame:
    """Return one row per mention, in the order of the file.

    Without ``--pack`` the comments determine the pack, and aspects missing from it are discovered.

    Raises:
        InputError: N20 there is no such pack.
    """
    with opened(arguments) as found:
        job = found.store.catalogue.get(found.job_id)
        words = job.spec.clean.user_words if job is not None else ()
        title = arguments.pack
        view = mentions_view(found, found.backend(), title, further=title is None, user_words=words)
        return _mentions(found, view)


def _mentions(found: Opened, view: str) -> pd.DataFrame:
    import pandas as pd

    listed = found.table.query(
        f"""SELECT c.{Col.ROW_NUMBER} AS number, m.aspect AS aspect, m.label AS label, m.piece AS piece, m.p AS p
            FROM {view} m JOIN comments c USING ({Col.ROW}) ORDER BY c.{Col.ROW}, m.place, m.aspect"""
    )
    return pd.DataFrame(
        {
            "行号": listed["number"].to_numpy(),
            "方面": listed["aspect"].astype("str"),
            "极性": pd.Series([LABELS[label] for label in listed["label"].tolist()], dtype="str"),
            "片段": listed["piece"].astype("str"),
            "概率": listed["p"].astype("float64").round(4),
        }
    )

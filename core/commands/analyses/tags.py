"""``analyse tags``: 好评, 中评 or 差评 and the reasons, one row per comment."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from core.commands.mentions import add_pack, mentions_view
from core.commands.opened import add_target, opened
from core.schema import GRADES, TAG_EXPORT_COLUMNS, Col

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["TITLE", "add", "rows"]

TITLE = "好评、中评、差评和原因标签"


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    add_target(parser)
    add_pack(parser)


def rows(arguments: argparse.Namespace) -> pd.DataFrame:
    """Return one row per labelled comment, in the order of the file.

    Raises:
        InputError: N20 there is no such pack.
    """
    import pandas as pd

    from core.derive.tags import tagged

    with opened(arguments) as found:
        view = mentions_view(found, found.backend(), arguments.pack, further=False)
        columns = [Col.ROW, Col.ROW_NUMBER, Col.LABEL]
        frames = list(tagged(found.table.frames(f"{Col.LABEL} >= 0", columns=columns), found.table, view))
    grade, tags = TAG_EXPORT_COLUMNS
    if not frames:
        return pd.DataFrame({"行号": pd.Series(dtype="int64"), grade: pd.Series(dtype="str"), tags: []})
    whole = pd.concat(frames, ignore_index=True)
    return pd.DataFrame(
        {
            "行号": whole[Col.ROW_NUMBER].to_numpy(),
            grade: [GRADES[label] for label in whole[Col.LABEL].tolist()],
            tags: whole[Col.TAGS].to_numpy(),
        }
    )

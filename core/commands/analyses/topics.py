"""``analyse topics``: the topics of comments with some labels, and optionally the topic of each comment."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Final

from core.commands import console
from core.commands.files import checked_csv
from core.commands.opened import Opened, add_target, opened
from core.schema import LABEL_NAMES, LABELS, NEGATIVE, Col, Filter

if TYPE_CHECKING:
    import pandas as pd

    from core.results import Topics as Result

__all__ = ["TITLE", "add", "rows"]

TITLE = "话题"
_OTHER: Final = "其他"
_ALL: Final = "all"


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    add_target(parser)
    parser.add_argument("--k", type=int, metavar="N", help="话题数,2 到 40;默认按稳定性自动选择")
    parser.add_argument("--label", choices=(*LABEL_NAMES, _ALL), default=LABEL_NAMES[NEGATIVE], help="归纳哪种评论")
    parser.add_argument("--rows", type=Path, dest="rows_out", metavar="OUT2", help="再写一个表:每条评论属于哪个话题")


def rows(arguments: argparse.Namespace) -> pd.DataFrame:
    """Return one row per topic, the largest first, 其他 last."""
    if arguments.rows_out is not None:
        checked_csv(arguments.rows_out)
    with opened(arguments) as found:
        return _topics(found, arguments)


def _topics(found: Opened, arguments: argparse.Namespace) -> pd.DataFrame:
    from core import analyse
    from core.derive import Topics

    labels = () if arguments.label == _ALL else (LABELS[LABEL_NAMES.index(arguments.label)],)
    view = found.derive(Topics(labels, arguments.k))
    facts = found.store.derived(found.job_id).facts(view) or {}
    edits = analyse.topic_edits(facts["topics"], found.store.edits(found.job_id, "topics").all())
    # topics renamed on the page keep their names here, unless some were merged there: merges do not apply
    names = {} if edits.merged else edits.names
    result = analyse.topics(found.table, Filter(), view, facts, names=names)
    if result.learnt < result.learnt_of:
        console.warn(f"提示:话题由 {result.learnt_of:,} 条中均匀抽取的 {result.learnt:,} 条归纳。")
    if not result.topics:
        console.warn("提示:评论太少,分不出话题。")
    if arguments.rows_out is not None:
        _write_rows(found, view, {topic.number: topic.name for topic in result.topics}, arguments.rows_out)
    return _table(result)


def _table(result: Result) -> pd.DataFrame:
    import pandas as pd

    from core.chart import stability_title

    made = [
        {
            "话题": topic.number,
            "名称": topic.name,
            "条数": topic.share.count,
            "占比": round(topic.share.value, 4),
            "下限": round(topic.share.low, 4),
            "上限": round(topic.share.high, 4),
            "稳定性": stability_title(topic.stable),
            "突出的词": "、".join(topic.terms),
            "典型评论行号": "、".join(str(quote.row_number) for quote in topic.quotes),
            "典型评论": topic.quotes[0].text if topic.quotes else "",
        }
        for topic in result.topics
    ]
    columns = ["话题", "名称", "条数", "占比", "下限", "上限", "稳定性", "突出的词", "典型评论行号", "典型评论"]
    other = result.other
    if result.n:
        shares = {"占比": round(other.value, 4), "下限": round(other.low, 4), "上限": round(other.high, 4)}
        empty = dict.fromkeys(("稳定性", "突出的词", "典型评论行号", "典型评论"), "")
        made.append({"话题": 0, "名称": _OTHER, "条数": other.count, **shares, **empty})
    return pd.DataFrame(made, columns=columns)


def _write_rows(found: Opened, view: str, names: dict[int, str], out: Path) -> None:
    from core.export import write_small

    frame = found.table.query(
        f"""SELECT {Col.FILE} AS 文件, {Col.ROW_NUMBER} AS 行号, topic AS 话题, round(fit, 3) AS 贴合度
            FROM comments JOIN {view} USING ({Col.ROW}) ORDER BY {Col.ROW}"""
    )
    frame.insert(3, "名称", frame["话题"].map({0: _OTHER, **names}))
    write_small(frame, out)

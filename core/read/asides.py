"""Detect rows that are not records, by their words: totals, notes below the table, hints below the header."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from core.read.header import is_data
from core.read.rows import Row, is_blank
from core.schema import Reason

# Spaces are possessive (*+): before and after something optional, two runs of them took quadratic time.
_TOTAL = re.compile(
    r"(本页|本表|全部|总)?(合计|总计|小计|共计|总和)(行)?|(grand\s*+|sub-?\s*+)?total|平均值|均值", re.IGNORECASE
)
#: The footer that a printed table has on each page.
_PAGE = re.compile(r"[(（]?第\s*+\d+\s*+页\s*+[,，/、]?\s*+[/(（]?共\s*+\d+\s*+页[)）]?")
_AMOUNT = re.compile(r"共?\s*+[\d,.]+\s*+[%条个笔人次份单分元颗星]?|[-—/]+")
#: Openings of notes below a table; a comment may start with a ``_REMARKS`` pattern, so those need empty cells beside.
_NOTES: Final = (
    r"(数据|资料|信息)来源\s*+[:：]",
    r"(导出|生成|打印|下载|统计|制表|填报|填表|采集|抓取|查询)(时间|日期|周期|口径|人|人员|范围|单位|区间|账号)\s*+[:：]",
    r"(制表|审核|复核|填表|填报)人?\s*+[:：]",
    r"(以上|上述)(数据|内容|信息|评论|评价|结果)(均|由|来|仅|为|截)",
    r"本(表|报表|数据|报告|文件|统计)(仅|由|所|数据)",
    r"(总?共|合计|共计|总计|总数)\s*+[:：]?\s*+\d[\d,]*\s*+(条|行|笔|个|份)(记录|数据|评论|评价|结果|信息)?[。.]?$",
    r"数据(截至|截止|由)",
    r"截[至止](时间|日期)\s*+[:：]",
    r"第\s*+\d+\s*+页\s*+[,，/]?\s*+共\s*+\d+\s*+页",
    r"[-=_*—─]{4,}",
)
_REMARKS: Final = (
    r"(备注|注释?|附注|附|说明|免责声明|声明|(温馨)?提示|注意|来源|数据|单位)\s*+\d?\s*+[:：]",
    r"(exported|generated|source|note|total)\b.{0,10}[:：]",
)
_START: Final = r"[\s*※#(（【\[]*"
_NOTE = re.compile(_START + f"({'|'.join(_NOTES)})", re.IGNORECASE)
_REMARK = re.compile(_START + f"({'|'.join((*_NOTES, *_REMARKS))})", re.IGNORECASE)
_HINT = re.compile(
    r"[(（]?(必填|选填|非必填|可选|可不填|示例|例如|例[:：]|格式|请(填写|输入|选择)|[yY]{4}[-/年]|不超过\s*+\d+"
    r"|(文本|文字|数字|整数|数值|日期|日期时间|字符串)(型|类型|格式)?$|\d{1,2}\s*+[-~～至到]\s*+\d{1,3}\s*+(分|的?整数)?$)"
)
#: First characters of such rows, if their first cell is filled: a filter that hardly any other row passes.
_STARTS: Final = frozenset(
    "本全总合小共gGsStTeEnN平均数资信导生打下统制填采抓查审复以上截第-=_*—─备注附说免声温提来单※#(（【[ "
)
#: Maximum number of notes below a table; beyond that they are its rows.
_MOST_NOTES: Final = 50


def with_asides(rows: Iterable[Row], width: int) -> Iterator[Row]:
    """Set reason ``ASIDE`` on totals and on notes after the last record.

    Args:
        rows: The rows below the header.
        width: Columns of the table.
    """
    held: list[Row] = []
    for row in rows:
        number, cells, reason = row
        first = cells[0] if cells else ""
        if not reason and (not first or first[0] in _STARTS):
            is_total = _is_total(cells, width)
            said = (number, cells, Reason.ASIDE) if is_total else row
            if len(held) < _MOST_NOTES and (_is_note(cells, width) or (held and (is_total or is_blank(cells)))):
                held.append(said)
                continue
            reason = said[2]
        if held:
            yield from held
            held.clear()
        yield (number, cells, reason) if reason else row
    for number, cells, _ in held:
        yield (number, cells, "" if is_blank(cells) else Reason.ASIDE)


def is_hint(cells: Sequence[str]) -> bool:
    """Return whether a row right below a header describes how to fill the columns.

    Example:
        >>> is_hint(["必填,文本", "选填", "yyyy-mm-dd"]), is_hint(["很好", "5", "2024-01-02"])
        (True, False)
    """
    filled = [cell.strip() for cell in cells if cell.strip()]
    return len(filled) > 1 and sum(_HINT.match(cell) is not None for cell in filled) > 0.6 * len(filled)


def _is_total(cells: Sequence[str], width: int) -> bool:
    filled = [cell.strip() for cell in cells if cell.strip()]
    if len(filled) == 1 and _PAGE.fullmatch(filled[0]):
        return True
    if width < 2 or not filled or not _TOTAL.fullmatch(filled[0].rstrip(":：")):
        return False
    return (len(filled) > 1 or width > 2) and all(is_data(cell) or _AMOUNT.fullmatch(cell) for cell in filled[1:])


def _is_note(cells: Sequence[str], width: int) -> bool:
    filled = [cell.strip() for cell in cells if cell.strip()]
    if not filled or len(filled) > max(1, width // 3):
        return False
    return (_REMARK if width > 1 else _NOTE).match(filled[0]) is not None

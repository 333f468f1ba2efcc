"""Detect which column is the text, the time, the source …, from names and values, and give the reason in a sentence."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Final

import pandas as pd

from core.errors import MappingError
from core.read.layouts import Layout, find_layout
from core.read.names import asks, is_answer, is_follow_up, is_of_another, without_devices
from core.read.paths import is_aside, path_points
from core.schema import ROLE_TITLES, Mapping, Role, TableSource

#: Number of rows whose values are inspected.
SAMPLE_ROWS: Final = 500
_NUMBER = re.compile(r"^[+-]?\d+(\.\d+)?([eE][+-]?\d+)?%?$")
_RATING = re.compile(
    r"^(\d{1,3}(\.\d+)?\s*(星|颗星|分|stars?|/\s*\d+)?|[一二两三四五]星|[★☆⭐]{1,5}|很差|较差|还行|推荐|力荐|好评|中评|差评|"
    r"((非常|很|十分|比较|较|基本)?不?满意|一般))$"
)
_TIME = re.compile(
    r"^(\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}|\d{1,2}月\d{1,2}日|\d{1,2}[-/]\d{1,2}(\s|$|[-/]\d{2,4})|(19|20)\d\d(0[1-9]|1[0-2])([0-2]\d|3[01])$|刚刚|今天|昨天|前天|"
    r"\d+\s*(秒|分钟|小时|天|周|个月|月|年)前|(Mon|Tue|Wed|Thu|Fri|Sat|Sun)\w*\s)"
)
#: A longer value that starts like a time holds more than a time.
_TIME_CHARS: Final = 40
#: Maximum hanzi of a time after the day: 星期三 下午3点20分, the province of an IP address.
_TIME_HANZI: Final = 8
_SERIAL = re.compile(r"^(\d{10}|\d{13}|\d{16}|[1-6]\d{4}(\.\d+)?)$")
_LINK = re.compile(r"^(https?:)?//\S+$")
_NEST = re.compile(r"^(\{\".*\}|\[\{.*\}\]|\[\".*\"\])$", re.DOTALL)
_DAMAGED_ID = re.compile(r"^\d(\.\d+)?E\+(1[1-9]|[2-9]\d)$")
_LONG_NUMBER = re.compile(r"^\d{17,}$")
_CUT_NUMBER = re.compile(r"^\d{15,17}0+$")
#: Excel keeps 15 digits. So few whole numbers end in two zeros by chance that a tenth of a column indicates
#: truncation.
_EXCEL_NUMBER = re.compile(r"^\d{15}00+$")
_EXCEL_SHARE: Final = 0.1
#: A follow-up (追评) loses to any first comment or its time, but is still used if it is the only one.
_FOLLOW_UP_SHARE: Final = 0.4
#: Thresholds for free text: its values are mostly distinct and longer than a name.
_SAID_TEXTINESS: Final = 0.55
_SAID_DISTINCT: Final = 0.4
#: Reasons that are chosen from a list, and answers among which 无 stands again and again, say something all the same.
_ASKED_CHARS: Final = 3.0
_ASKED_VALUES: Final = 6
_LETTER = re.compile(r"[^\W\d_]")
_HANZI = re.compile(r"[\u3400-\u9fff]")


@dataclass(frozen=True, slots=True)
class Detection:
    """The detected roles of a table's columns.

    Attributes:
        mapping: The roles; ``text`` is empty if no comment column was found.
        evidence: Per role, one Chinese sentence giving the reason.
        layout: Name of a recognised export, else None.
        default_source: The platform that export implies; "" = unknown.
        rating_unit: The value of one star in its rating column.
        notes: Chinese notes on damaged or odd values.
        by_name: Whether the comment column's name supports it, not only its values.
    """

    mapping: Mapping
    evidence: dict[Role, str] = field(default_factory=dict)
    layout: str | None = None
    default_source: str = ""
    rating_unit: float = 1.0
    notes: tuple[str, ...] = ()
    by_name: bool = False


@dataclass(frozen=True, slots=True)
class _Values:
    """Shares and means over the filled cells of one column's sample."""

    n: int
    mean_chars: float
    hanzi: float
    letters: float
    number: float
    rating: float
    time: float
    serial: float
    link: float
    nest: float
    distinct: float

    @property
    def textiness(self) -> float:
        """Score in [0, 1] of how much the column looks like free text."""
        if self.n == 0 or max(self.number, self.link, self.time, self.nest) > 0.5:
            return 0.0
        return 0.5 * min(self.mean_chars / 20, 1.0) + 0.3 * self.letters + 0.2 * self.distinct


def detect(columns: Sequence[str], sample: pd.DataFrame) -> Detection:
    """Detect the roles of columns.

    Args:
        columns: Names in file order.
        sample: Rows of text, (n, at least these columns); the first 500 are inspected.

    Returns:
        The roles found; a recognised layout is preferred to guessing.

    Example:
        >>> frame = pd.DataFrame({"序号": ["1", "2"], "评论内容": ["很好用", "物流太慢了"]})
        >>> detect(["序号", "评论内容"], frame).mapping.text
        ('评论内容',)
    """
    values = {name: _values(sample[name].iloc[:SAMPLE_ROWS]) for name in columns}
    notes = _notes(columns, sample)
    layout = find_layout(columns)
    if layout is not None:
        return _from_layout(layout, columns, notes)
    chosen = _choose(columns, values)
    text = chosen.pop(Role.TEXT, None)
    roles = {role.value: name for role, name in chosen.items()}
    evidence = {role: _sentence(role, name, values[name]) for role, name in chosen.items()}
    if text is not None:
        evidence[Role.TEXT] = _sentence(Role.TEXT, text, values[text])
    mapping = Mapping(text=(text,) if text is not None else (), **roles)
    by_name = text is not None and path_points(Role.TEXT, text) > 0
    besides = _also_texts(columns, values, {text, *roles.values()}) if text is not None else []
    if besides:
        them = "它" if len(besides) == 1 else "它们"
        said = f"列「{listed(besides)}」里也有成句的文字,没有当作评论;需要时请把{them}一起选作评论列,几列会接成一条。"
        notes = (*notes, said)
    return Detection(mapping, evidence, notes=notes, by_name=by_name)


def with_mapping(
    source: TableSource,
    /,
    **roles: str | Sequence[str] | None,
) -> TableSource:
    """Return the table with roles that a user chose; roles not named stay as detected.

    Args:
        source: A table from ``inspect``.
        roles: Column names by ``Role`` value; ``text`` takes several; None = no column has this role.

    Raises:
        MappingError: R04 a column is not in the table.
    """
    changed: dict[str, tuple[str, ...] | str | None] = {}
    for role in map(Role, roles):
        given = roles[role.value]
        names = (given,) if isinstance(given, str) else tuple(given or ())
        for name in names:
            if name not in source.columns:
                raise MappingError(
                    "R04", f"{source.name} 里没有叫做「{name}」的列。", f"文件里的列有:{listed(source.columns)}。"
                )
        changed[role.value] = names if role is Role.TEXT else (names[0] if names else None)
    mapping = replace(source.mapping, **changed)  # type: ignore[arg-type]
    evidence = {role: said for role, said in source.evidence.items() if role.value not in changed}
    # the unit belongs to the column that the layout knows, not to another one
    unit = source.rating_unit if mapping.rating == source.mapping.rating else 1.0
    said = evidence | dict.fromkeys(map(Role, changed), "由你指定。")
    return replace(source, mapping=mapping, evidence=said, rating_unit=unit)


def require_text(source: TableSource) -> TableSource:
    """Return the table unchanged if it has a comment column.

    Raises:
        MappingError: R03 it has none.
    """
    if not source.mapping.text:
        raise MappingError(
            "R03",
            f"{source.name} 里找不到评论列。文件里的列有:{listed(source.columns)}。",
            "请用 --text 指定,或在页面上选择。",
        )
    return source


def listed(names: Sequence[str], most: int = 30) -> str:
    """Join names for a sentence, truncating long names and long lists.

    Example:
        >>> listed(["订单号", "日期"])
        '订单号、日期'
    """
    shown = "、".join(name if len(name) <= 40 else name[:39] + "…" for name in names[:most])
    return shown if len(names) <= most else f"{shown} 等 {len(names)} 列"


def _also_texts(columns: Sequence[str], values: dict[str, _Values], taken: set[str | None]) -> list[str]:
    """Return the columns other than the comment that hold free text, such as further survey questions."""
    return [
        name
        for name in columns
        if name not in taken
        and _says_something(name, values[name])
        and not is_answer(name)
        and not is_aside(name)
        and not is_of_another(name)
        and (path_points(Role.TEXT, name) > 0 or not any(path_points(role, name) for role in Role))
    ]


def _says_something(name: str, values: _Values) -> bool:
    if values.textiness >= _SAID_TEXTINESS and values.distinct >= _SAID_DISTINCT:
        return True
    several = values.distinct * values.n >= _ASKED_VALUES
    return asks(name) and values.textiness > 0 and values.mean_chars >= _ASKED_CHARS and several


def _choose(columns: Sequence[str], values: dict[str, _Values]) -> dict[Role, str]:
    chosen: dict[Role, str] = {}
    for role in Role:
        best, most = None, 0.0
        for name in without_devices(columns) if role is Role.PRODUCT else columns:
            points = 0.0 if name in chosen.values() else _points(role, name, values[name])
            points *= _FOLLOW_UP_SHARE if is_follow_up(name) else 1.0
            if points > most:
                best, most = name, points
        if best is not None:
            chosen[role] = best
    if len(columns) == 1 and not chosen and values[columns[0]].textiness > 0 and not is_answer(columns[0]):
        chosen[Role.TEXT] = columns[0]  # a file of plain lines can only be comments
    return chosen


def _points(role: Role, name: str, values: _Values) -> float:
    named = path_points(role, name)
    if not named and is_aside(name):
        return 0.0  # its sentences are from a profile or another comment
    if role is Role.TEXT:
        return 0.0 if is_answer(name) else _text_points(named, values)
    if role is Role.TIME and not named:
        return 30.0 * values.time if values.time >= 0.8 else 0.0
    return named if named and (values.n == 0 or _fits(role, values)) else 0.0


def _text_points(named: float, values: _Values) -> float:
    if values.n == 0:
        return named / 2
    if values.textiness == 0:
        return 0.0
    if named:
        # The name counts most: a long post next to short comments is not the comment. 好评 and 差评 are ratings.
        return (0.5 * named if values.rating > 0.8 else named) + 20 * values.textiness
    sentences = values.mean_chars >= 4 and values.letters >= 0.4 and values.distinct >= 0.3
    return 40 * values.textiness if sentences else 0.0


def _fits(role: Role, values: _Values) -> bool:
    if role is Role.TIME:
        return values.time >= 0.3 or values.serial >= 0.5
    if role is Role.RATING:
        return values.rating >= 0.6
    if role is Role.SOURCE:
        return values.mean_chars <= 20 and max(values.link, values.number, values.time) < 0.5
    most_chars = 80 if role is Role.PRODUCT else 64
    return values.mean_chars <= most_chars and values.link < 0.5


def _values(column: pd.Series[str]) -> _Values:
    held = [text for text in map(str.strip, column.tolist()) if text]
    n = len(held)
    chars = sum(map(len, held))

    def share(*patterns: re.Pattern[str]) -> float:
        return sum(any(p.match(text) for p in patterns) for text in held) / n if n else 0.0

    def letters(pattern: re.Pattern[str]) -> float:
        return sum(len(pattern.findall(text)) for text in held) / chars if chars else 0.0

    return _Values(
        n=n,
        mean_chars=chars / n if n else 0.0,
        hanzi=letters(_HANZI),
        letters=letters(_LETTER),
        number=share(_NUMBER),
        rating=share(_NUMBER, _RATING),
        # a chat whose lines begin with times is not a time
        time=sum(map(_is_time, held)) / n if n else 0.0,
        serial=share(_SERIAL),
        link=share(_LINK),
        nest=share(_NEST),
        distinct=len(set(held)) / n if n else 0.0,
    )


def _is_time(text: str) -> bool:
    """Return whether a value is a time; a line that begins with a date and continues in words is not."""
    found = _TIME.match(text) if len(text) <= _TIME_CHARS else None
    if found is None:
        return False
    rest = text[found.end() :]
    return len(_HANZI.findall(rest)) <= _TIME_HANZI or "来自" in rest


def _sentence(role: Role, name: str, values: _Values) -> str:
    title = ROLE_TITLES[role]
    if values.n == 0:
        return f"列名「{name}」是{title}列的常用名;抽样的行里它是空的。"
    facts = {
        Role.TEXT: f"平均 {values.mean_chars:.0f} 个字,汉字占 {values.hanzi:.0%},不重复的占 {values.distinct:.0%}",
        Role.TIME: f"{max(values.time, values.serial):.0%} 的值像日期或时间",
        Role.RATING: f"{values.rating:.0%} 的值像评分",
    }.get(role, f"{values.distinct:.0%} 的值不重复")
    why = f"列名「{name}」是{title}列的常用名" if path_points(role, name) else "列名没有提示,按内容判断"
    return f"{why};抽样 {values.n} 个值,{facts}。"


def _from_layout(layout: Layout, columns: Sequence[str], notes: tuple[str, ...]) -> Detection:
    said = f"按「{layout.name}」的导出格式。"
    roles = {f.name: getattr(layout.mapping, f.name) for f in fields(Mapping) if f.name != "text"}
    present = {role: name if name in columns else None for role, name in roles.items()}
    evidence = {Role.TEXT: said} | {Role(role): said for role, name in present.items() if name is not None}
    mapping = Mapping(text=layout.mapping.text, **present)
    return Detection(mapping, evidence, layout.name, layout.source, layout.rating_unit, notes, by_name=True)


def _notes(columns: Sequence[str], sample: pd.DataFrame) -> tuple[str, ...]:
    notes: list[str] = []
    damaged = [name for name in columns if any(map(_DAMAGED_ID.match, sample[name].tolist()))]
    if damaged:
        notes.append(f"列「{listed(damaged)}」里有 1.23E+18 这样的值:长编号已被表格软件改坏,无法还原,原样保留。")
    cut = [name for name in columns if _are_cut(sample[name].tolist())]
    if cut:
        notes.append(f"列「{listed(cut)}」里的长编号只剩前 15 位左右,后面被表格软件改成了 0,无法还原,原样保留。")
    tabbed = [name for name in columns if any(text.endswith("\t") for text in sample[name].tolist())]
    if tabbed:
        notes.append(f"列「{listed(tabbed)}」的值末尾带制表符(防止表格软件改坏长编号的写法),原样保留。")
    return tuple(notes)


def _are_cut(values: list[str]) -> bool:
    """Return whether a column's long numbers end in zeros: most of them, as from a float, or some, as from Excel."""
    long = [value for value in values if _LONG_NUMBER.match(value)]
    cut = sum(bool(_CUT_NUMBER.match(value)) for value in long)
    in_excel = sum(bool(_EXCEL_NUMBER.match(value)) for value in long)
    return cut > 0.6 * len(long) or in_excel > _EXCEL_SHARE * len(long)

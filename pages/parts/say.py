"""How the pages say things: labels, shares, errors, empty states. Every text is escaped before it is drawn."""

from __future__ import annotations

import re
from datetime import datetime
from zoneinfo import ZoneInfo

import streamlit as st

from core.chart import short_name
from core.errors import TingfengError
from core.schema import LABEL_EMOJI, LABELS, JobState, Share
from core.settings import get_settings

#: Streamlit's names of the fixed sentiment colours; .streamlit/config.toml gives them their values.
LABEL_COLOURS = ("orange", "gray", "blue")

_ACTIVE = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:&^=])")
#: What Streamlit makes of text after its backslashes are gone: links of addresses, emoji and icons of :names:, arrows.
_MADE_LATER = re.compile(
    r"(?P<address>(?:https?://|www|@)[-\w]*\.[-.\w]*)|:(?=[-+/\w]+:)|(?<!\S)(?P<arrow><?->|<-|--|[<>~]=)(?!\S)",
    re.IGNORECASE,
)
_LATER = "said_later"
#: Characters of a quote.
_QUOTED = 160
STATES = {
    JobState.QUEUED: ("排队中", "gray", ":material/schedule:"),
    JobState.RUNNING: ("进行中", "primary", ":material/play_arrow:"),
    JobState.PAUSED: ("已暂停", "yellow", ":material/pause:"),
    JobState.CANCELLED: ("已取消", "gray", ":material/block:"),
    JobState.FAILED: ("出错", "red", ":material/error:"),
    JobState.DONE: ("已完成", "green", ":material/check_circle:"),
}


def escape(text: str) -> str:
    """Return text that Streamlit's Markdown shows letter by letter.

    Example:
        >>> escape("**b** [x](y) :red[z] $1$")
        '\\\\*\\\\*b\\\\*\\\\* \\\\[x\\\\]\\\\(y\\\\) \\\\:red\\\\[z\\\\] \\\\$1\\\\$'
        >>> escape("www.x.cn")
        'www:color[\\\\.]x:color[\\\\.]cn'
    """
    parts: list[str] = []
    done = 0
    for found in _MADE_LATER.finditer(text):
        parts += [_escaped(text[done : found.start()]), _taken_apart(found)]
        done = found.end()
    return "".join([*parts, _escaped(text[done:])]).replace("\n", " ")


def _escaped(text: str) -> str:
    return _ACTIVE.sub(r"\\\1", text)


def _taken_apart(found: re.Match[str]) -> str:
    """Escape a text with a piece of it in a span of its own: Streamlit looks for its patterns within one piece.

    A colour that is not named makes a span that looks like the text around it.
    """
    if found["address"]:
        return ":color[\\.]".join(map(_escaped, found[0].split(".")))
    at = 1 if found["arrow"] else 0
    before, held, after = found[0][:at], found[0][at], found[0][at + 1 :]
    return f"{_escaped(before)}:color[{_escaped(held)}]{_escaped(after)}"


def short(text: str, most: int = 24) -> str:
    """Return at most ``most`` em of a name, ready for Markdown, its middle left out: the end of an export is its date.

    Example:
        >>> short("一二三四五六七八九十", 7)
        '一二三四…九十'
    """
    return escape(short_name(text, most))


def quote(text: str, where: str) -> None:
    """Draw what somebody wrote, its line ends as blanks. Of a long text the beginning: all of it stands in the list.

    Args:
        text: The comment as it was written.
        where: Where it stands.
    """
    st.markdown(f"“{escape(beginning(text))}” :gray[{escape(where)}]")


def beginning(text: str) -> str:
    """Return the beginning of what somebody wrote, its line ends as blanks, and how long the whole is."""
    said = " ".join(text.split())
    return said[:_QUOTED] + (f"……(全文 {len(said):,} 字)" if len(said) > _QUOTED else "")


def label_badge(label: int) -> None:
    """Draw a label as word, face and colour together."""
    st.badge(f"{LABEL_EMOJI[label]} {LABELS[label]}", color=LABEL_COLOURS[label])


def label_text(label: int) -> str:
    """Return a label as face and word; "—" when there is none."""
    return f"{LABEL_EMOJI[label]} {LABELS[label]}" if label >= 0 else "—"


def state_badge(state: JobState) -> None:
    """Draw where a job stands."""
    title, colour, icon = STATES[state]
    st.badge(title, color=colour, icon=icon)


def local_time(moment: datetime) -> str:
    """Return a UTC moment as ``2026-03-01 14:05`` in the zone of the settings."""
    return moment.astimezone(ZoneInfo(get_settings().timezone)).strftime("%Y-%m-%d %H:%M")


def days(first: datetime, last: datetime) -> str:
    """Return a stretch of days, as short as it can be read.

    Example:
        >>> days(datetime(2026, 3, 1), datetime(2026, 3, 9)), days(datetime(2026, 3, 1), datetime(2026, 3, 1))
        ('2026-03-01 至 03-09', '2026-03-01')
    """
    if first.date() == last.date():
        return f"{first:%Y-%m-%d}"
    return f"{first:%Y-%m-%d} 至 {last:%m-%d}" if first.year == last.year else f"{first:%Y-%m-%d} 至 {last:%Y-%m-%d}"


def problem(error: TingfengError) -> None:
    """Show an error: what happened, what to do, its code."""
    st.error(f"{escape(error.message)}{escape(error.hint)}", icon=":material/error:")
    st.caption(f"错误代码 {error.code}")


def later(text: str) -> None:
    """Say something when the page runs next: a callback itself must not draw."""
    st.session_state[_LATER] = [*st.session_state.get(_LATER, []), text]


def now() -> None:
    """Draw what was to be said later."""
    for text in st.session_state.pop(_LATER, []):
        st.toast(escape(text))


def corrections(n: int) -> str:
    """Say that a figure holds labels that people set right; "" when it holds none."""
    return f"含 {n:,} 条改判" if n else ""


def model(name: str) -> str:
    """Return what people call a model of the registry, its engine kept; a folder keeps its name."""
    from core.score import split_cascade
    from core.score.table import ENTRIES, QUICK, QUICK_TITLE

    if name == QUICK:
        return QUICK_TITLE
    if split_cascade(name) is not None:
        return "先快后准"
    bare, mark, engine = name.partition("#")
    return ENTRIES[bare].title + mark + engine if bare in ENTRIES else name


def share(value: Share) -> str:
    """Return a share with its interval and n, as every page shows it."""
    from core.chart.text import format_share

    return format_share(value)

"""How the pages present things: labels, shares, errors, empty states. Every text is escaped before it is drawn."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import streamlit as st

from core.chart import format_percent, short_name
from core.errors import TingfengError
from core.schema import LABEL_EMOJI, LABELS, JobState, Share
from core.settings import get_settings

#: Streamlit's names of the fixed sentiment colours; .streamlit/config.toml defines them.
LABEL_COLOURS = ("orange", "gray", "blue")

_ACTIVE = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:&^=])")
#: What Streamlit still converts after removing backslashes: links of addresses, emoji and icons of :names:, arrows.
_MADE_LATER = re.compile(
    r"(?P<address>(?:https?://|www|@)[-\w]*\.[-.\w]*)|:(?=[-+/\w]+:)|(?<!\S)(?P<arrow><?->|<-|--|[<>~]=)(?!\S)",
    re.IGNORECASE,
)
_LATER = "said_later"
#: Maximum characters of a quote.
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
    """Escape text so that Streamlit's Markdown shows it literally.

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
    """Escape a text with part of it in a span of its own: Streamlit matches its patterns within one piece.

    A span with an unnamed colour looks like the surrounding text.
    """
    if found["address"]:
        return ":color[\\.]".join(map(_escaped, found[0].split(".")))
    at = 1 if found["arrow"] else 0
    before, held, after = found[0][:at], found[0][at], found[0][at + 1 :]
    return f"{_escaped(before)}:color[{_escaped(held)}]{_escaped(after)}"


def short(text: str, most: int = 24) -> str:
    """Shorten a name to ``most`` em, for Markdown, omitting its middle: exports often end in their date.

    Example:
        >>> short("一二三四五六七八九十", 7)
        '一二三四…九十'
    """
    return escape(short_name(text, most))


def quote(text: str, where: str) -> None:
    """Draw a comment as a quote, its line ends as spaces; only the beginning of a long one: the list shows all of it.

    Args:
        text: The comment as it was written.
        where: Its location.
    """
    st.markdown(f"“{escape(beginning(text))}” :gray[{escape(where)}]")


def beginning(text: str) -> str:
    """Return the beginning of a comment, its line ends as spaces, and its full length if truncated."""
    said = " ".join(text.split())
    return said[:_QUOTED] + (f"……(全文 {len(said):,} 字)" if len(said) > _QUOTED else "")


def label_badge(label: int) -> None:
    """Draw a label as word, emoji and colour."""
    st.badge(f"{LABEL_EMOJI[label]} {LABELS[label]}", color=LABEL_COLOURS[label])


def label_text(label: int) -> str:
    """Return a label as emoji and word; "—" if there is none."""
    return f"{LABEL_EMOJI[label]} {LABELS[label]}" if label >= 0 else "—"


def state_badge(state: JobState) -> None:
    """Draw the state of a job."""
    title, colour, icon = STATES[state]
    st.badge(title, color=colour, icon=icon)


def local_time(moment: datetime) -> str:
    """Format a UTC moment as ``2026-03-01 14:05`` in the configured time zone."""
    return moment.astimezone(ZoneInfo(get_settings().timezone)).strftime("%Y-%m-%d %H:%M")


def days(first: datetime, last: datetime) -> str:
    """Format a range of days as briefly as possible.

    Example:
        >>> days(datetime(2026, 3, 1), datetime(2026, 3, 9)), days(datetime(2026, 3, 1), datetime(2026, 3, 1))
        ('2026-03-01 至 03-09', '2026-03-01')
    """
    if first.date() == last.date():
        return f"{first:%Y-%m-%d}"
    return f"{first:%Y-%m-%d} 至 {last:%m-%d}" if first.year == last.year else f"{first:%Y-%m-%d} 至 {last:%Y-%m-%d}"


def problem(error: TingfengError, *, about: str = "") -> None:
    """Show an error: what happened, what to do, its code.

    Args:
        error: The error.
        about: What it is about, if its message does not say so, such as a file name.
    """
    subject = f"「{short(about)}」:" if about else ""
    st.error(f"{subject}{escape(error.message)}{escape(error.hint)}", icon=":material/error:")
    st.caption(f"错误代码 {error.code}")


def later(text: str) -> None:
    """Queue a message for the next run of the page: a callback must not draw."""
    st.session_state[_LATER] = [*st.session_state.get(_LATER, []), text]


def now() -> None:
    """Draw the queued messages."""
    for text in st.session_state.pop(_LATER, []):
        st.toast(escape(text))


def corrections(n: int) -> str:
    """Say that a figure includes corrected labels; "" if it includes none."""
    return f"含 {n:,} 条改判" if n else ""


def model(name: str) -> str:
    """Return the display name of a registered model, keeping its engine; a folder keeps its name."""
    from core.score import split_cascade
    from core.score.table import ENTRIES, QUICK, QUICK_TITLE

    if name == QUICK:
        return QUICK_TITLE
    if split_cascade(name) is not None:
        return "先快后准"
    bare, mark, engine = name.partition("#")
    return ENTRIES[bare].title + mark + engine if bare in ENTRIES else name


def share_metric(title: str, value: Share, change: str | None = None, **look: Any) -> None:
    """Draw a share as a key figure with its interval and n.

    Args:
        title: Its title.
        value: The share.
        change: Its change from an earlier value.
        look: Further options of ``st.metric``.
    """
    st.metric(title, format_percent(value.value), change, **look)
    st.caption(f"{100 * value.low:.1f}–{100 * value.high:.1f}, n={value.n:,}" if value.n else "n=0")


def share(value: Share) -> str:
    """Format a share with its interval and n, as on every page."""
    from core.chart.text import format_share

    return format_share(value)

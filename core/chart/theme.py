"""The common style of all charts: colours, fonts, caption; light and dark."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import altair as alt
import pandas as pd

from core.chart.text import wrap
from core.schema import LABELS

__all__ = [
    "APART",
    "BESIDE",
    "FONT",
    "LABEL_COLORS",
    "LABEL_ORDER",
    "LABEL_SCALE",
    "SIDE_COLORS",
    "Palette",
    "Picture",
    "dress",
    "heading",
    "palette",
    "rows",
    "titled_axis",
]

#: Sentiment colours (Okabe & Ito 2008), the same in both themes and distinguishable with colour blindness.
LABEL_COLORS: Final = ("#D55E00", "#8A8F98", "#0072B2")
#: Colours of two sets of comments that are not sentiments: products, sources, periods (Okabe & Ito 2008).
SIDE_COLORS: Final = ("#009E73", "#CC79A7")
LABEL_SCALE: Final = alt.Scale(domain=list(LABELS), range=list(LABEL_COLORS))
#: Fonts with hanzi on macOS, Windows, Linux and Android, in order; the renderer uses the first that is installed.
FONT: Final = (
    "'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', 'Source Han Sans SC', 'Noto Sans SC', "
    "'WenQuanYi Micro Hei', 'Droid Sans Fallback', sans-serif"
)
#: Vega expression that sorts the segments of a stacked bar in the order of ``LABELS``.
LABEL_ORDER: Final = f"indexof({list(LABELS)!r}, datum.label)"
#: Where the text to the right of the plot starts. An expression, not a number: Streamlit fits charts to the page by
#: narrowing the plot, and the text must follow.
BESIDE: Final = alt.value(alt.ExprRef("width + 8"))
#: Drops axis labels that would touch.
APART: Final[dict[str, Any]] = {"labelOverlap": "greedy", "labelSeparation": 8}
_FONT_SIZE: Final = 12

Picture = alt.Chart | alt.LayerChart | alt.VConcatChart


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours that differ between the light and the dark theme, the same as in .streamlit/config.toml."""

    background: str
    text: str
    quiet: str
    line: str
    accent: str


_LIGHT: Final = Palette(background="#FFFFFF", text="#1B2327", quiet="#5F6670", line="#D9DEE2", accent="#0F766E")
_DARK: Final = Palette(background="#14191C", text="#E6EAEC", quiet="#A2ABB3", line="#37424A", accent="#4FC7BB")


def palette(dark: bool) -> Palette:
    """Return the palette of a theme."""
    return _DARK if dark else _LIGHT


def rows(records: list[dict[str, Any]]) -> pd.DataFrame:
    """Convert plain records to a frame for a chart. Times are ISO text: every browser shows the time as written.

    A frame, not inline values, because Altair validates each inline value against its schema, which takes seconds for a
    thousand rows.
    """
    return pd.DataFrame(records)


def titled_axis(titles: Mapping[str, str], *, limit: int = 0) -> alt.Axis:
    """Return an axis of names, without line or ticks, that shows the title of each value.

    Args:
        titles: Values and their titles.
        limit: Most pixels of a title, longer ones are cut off; 0 = any length.
    """
    shown = f"{json.dumps(dict(titles), ensure_ascii=False)}[datum.label]"
    return alt.Axis(ticks=False, domain=False, labelPadding=8, labelOverlap=False, labelLimit=limit, labelExpr=shown)


def dress(chart: Any, title: str, said: str, *, width: float, dark: bool) -> Any:
    """Add title, caption, fonts and colours to a finished chart.

    The style is set on the chart itself, not by a process-wide theme: two people may use a light and a dark page
    at the same time.

    Args:
        chart: Any top-level Altair chart.
        title: Title of the chart, one line.
        said: The caption from ``core.chart.text.caption``; wrapped to the width.
        width: Width of the whole picture, pixels.
        dark: Dark theme.
    """
    # on the chart, not in its config: there Streamlit would override it, and the title would be clipped at the top
    frame = {"left": 6, "right": 8, "top": 8, "bottom": 8}
    titled = chart.properties(
        title=heading(title, said, width=width), background=palette(dark).background, padding=frame
    )
    return titled.configure(**_config(dark))


def heading(title: str, said: str, *, width: float) -> alt.TitleParams:
    """Return the title and caption that ``dress`` puts above a chart; the arguments are the same."""
    lines = wrap(said, (width - 10) / (_FONT_SIZE - 1))
    return alt.TitleParams(text=title, subtitle=lines, anchor="start", frame="bounds", offset=12)


def _config(dark: bool) -> Mapping[str, Any]:
    colors = palette(dark)
    label = {"labelColor": colors.quiet, "labelFontSize": _FONT_SIZE, "titleColor": colors.quiet}
    return {
        "font": FONT,
        "view": {"stroke": None},
        "axis": {
            **label,
            "titleFontSize": _FONT_SIZE,
            "titleFontWeight": "normal",
            "gridColor": colors.line,
            "gridOpacity": 0.6,
            "domainColor": colors.line,
            "tickColor": colors.line,
            "labelLimit": 160,
        },
        "legend": {**label, "orient": "top", "title": None, "symbolType": "square", "symbolSize": 90, "offset": 4},
        "title": {
            "color": colors.text,
            "fontSize": 15,
            "fontWeight": 600,
            "subtitleColor": colors.quiet,
            "subtitleFontSize": _FONT_SIZE - 1,
            "subtitleLineHeight": 16,
            "subtitlePadding": 4,
        },
        "text": {"color": colors.text, "fontSize": _FONT_SIZE},
    }

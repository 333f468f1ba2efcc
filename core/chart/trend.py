"""The negative share over time with its uncertainty, and the volume below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Final

import altair as alt

from core.chart.sentences import describe_copied, describe_verdict
from core.chart.spec import Drawn
from core.chart.text import caption, format_bucket, format_count, format_share
from core.chart.theme import LABEL_COLORS, LABEL_ORDER, LABEL_SCALE, dress, heading, palette, rows
from core.results import FREQUENCY_TITLES, Anomalies, Bucket, Frequency, History, Trend
from core.schema import LABELS, NEGATIVE

__all__ = ["trend"]

#: Up to this many buckets, each has a dot; more would merge into a thick line.
_DOTS: Final = 150
_DATA: Final = "buckets"
#: Pixels: height of the plot of shares; area of a mark's box; from the edge of the plot to the middle of a mark.
_SHARE_HEIGHT, _MARK_SIZE, _MARK_ROOM = 190, 190, 9
#: Shown with marks of days: docs/benchmarks.md, "Abnormal days"; not measured for the other frequencies.
_FALSE_ALARMS: Final = "平静时每 100 天约 0.5 天误报"
_AXIS_FORMATS: Final = {
    Frequency.HOUR: "%m-%d %H:00",
    Frequency.DAY: "%Y-%m-%d",
    Frequency.WEEK: "%Y-%m-%d",
    Frequency.MONTH: "%Y-%m",
    Frequency.YEAR: "%Y",
}


def trend(
    result: Trend,
    *,
    found: Anomalies | None = None,
    what: str = f"{LABELS[NEGATIVE]}占比",
    width: int = 900,
    dark: bool = False,
) -> Drawn | None:
    """Draw a trend.

    In the upper plot, a line is the negative share of each bucket and the band around it the 95 % interval; a gap
    is a bucket without comments; a triangle around a point, up or down, is an abnormal bucket. In the lower plot, a bar
    is the number of comments of a bucket, coloured by label. Dragging over the bars zooms the line. A click sets the
    point selection ``bucket``, whose field ``bucket`` is the start of the bucket, ``2026-03-02T00:00:00``; the
    selection ``zoom`` is the dragged range.

    Args:
        result: From ``core.analyse.trend``.
        found: Its anomalies, from ``core.analyse.anomalies``; None = mark nothing.
        what: What the negative share is of, for the title.
        width: Width of the whole picture, pixels.
        dark: Dark theme.

    Returns:
        The chart; None when no comment is dated.
    """
    if not result.buckets:
        return None
    signs = [v.abnormal for v in found.verdicts] if found else [0] * len(result.buckets)
    reasons = _reasons(found) if found else ["否"] * len(result.buckets)
    data = rows(
        [
            _record(i, result) | {"sign": sign, "why": why}
            for i, (sign, why) in enumerate(zip(signs, reasons, strict=True))
        ]
    )
    title = f"{what}随时间的变化(按{FREQUENCY_TITLES[result.frequency]})"
    above = heading(title, _caption(result, found, signs), width=width).to_dict(validate=False)
    told = any(signs) or bool(found and found.copied)
    return Drawn(_plots(_look(result, told, width, dark)) | {"title": above}, {_DATA: data})


def _reasons(found: Anomalies) -> list[str]:
    said = [describe_verdict(v, found.frequency, copied=v.bucket in found.copied) for v in found.verdicts]
    # a bucket that only looks abnormal says so, and why it is not
    return [
        why if verdict.abnormal else "否" + (f"。{why}" if why else "")
        for verdict, why in zip(found.verdicts, said, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class _Look:
    """Everything besides the data that determines how a trend is drawn."""

    frequency: Frequency
    ticks: int
    weeks: tuple[datetime, ...]  # Vega would date a week by the Sunday before it
    dotted: bool
    marked: bool
    width: int
    dark: bool


def _look(result: Trend, marked: bool, width: int, dark: bool) -> _Look:
    n = len(result.buckets)
    weeks = tuple(b.start for b in result.buckets) if result.frequency is Frequency.WEEK else ()
    # no more ticks than buckets: two ticks inside one bucket would have the same date
    return _Look(result.frequency, min(8, n), weeks, n <= _DOTS, marked, width, dark)


@lru_cache(maxsize=32)
def _plots(look: _Look) -> dict[str, Any]:
    """Return the chart without data and title. Altair takes a quarter of a second to build it."""
    zoom = alt.selection_interval(name="zoom", encodings=["x"])
    click = alt.selection_point(name="bucket", fields=["bucket"], on="click", empty=False)
    share = _share(look, zoom, click).properties(width=look.width, height=_SHARE_HEIGHT)
    volume = _volume(look, zoom).properties(width=look.width, height=80)
    chart = alt.vconcat(share, volume, data=alt.NamedData(_DATA), spacing=10).resolve_scale(color="independent")
    # Streamlit would let two plots in one chart overflow the page; with an explicit autosize, they stay inside
    chart = chart.properties(autosize=alt.AutoSizeParams(type="fit-x", contains="padding"))
    written: dict[str, Any] = dress(chart, "", "", width=look.width, dark=look.dark).to_dict(validate=False)
    return written


def _record(i: int, result: Trend) -> dict[str, Any]:
    bucket = result.buckets[i]
    start, end = bucket.start, bucket.end
    counts = dict(zip(LABELS, bucket.counts, strict=True))
    shown = {"share": bucket.negative.value, "low": bucket.negative.low, "high": bucket.negative.high}
    return {
        # written twice: Vega converts what it draws to local milliseconds, but a click must return what we wrote
        "bucket": start.isoformat(),
        "start": start.isoformat(),
        "end": end.isoformat(),
        "middle": (start + (end - start) / 2).isoformat(),
        "time": format_bucket(bucket, result.frequency) + _cut(bucket, result),
        "n": bucket.n,
        "negative": format_share(bucket.negative),
        "alone": bucket.n > 0 and _alone(result.buckets, i),
        **(shown if bucket.n else dict.fromkeys(shown)),
        **counts,
    }


def _cut(bucket: Bucket, result: Trend) -> str:
    """Note where the comments begin or end within a bucket: its first or last days are missing, not quiet."""
    first, last = result.first, result.last
    if first is None or last is None or result.frequency in {Frequency.HOUR, Frequency.DAY}:
        return ""
    said = [f"评论从 {first:%Y-%m-%d} 开始"] if bucket.start.date() < first.date() < bucket.end.date() else []
    if bucket.start <= last < bucket.end and last.date() < (bucket.end - timedelta(days=1)).date():
        said.append(f"评论到 {last:%Y-%m-%d} 为止")
    return f"({'、'.join(said)},不是完整的{FREQUENCY_TITLES[result.frequency]})" if said else ""


def _alone(buckets: tuple[Bucket, ...], i: int) -> bool:
    """Whether the bucket has no neighbour to draw a line to."""
    before, after = buckets[i - 1 : i], buckets[i + 1 : i + 2]
    return not any(bucket.n for bucket in (*before, *after))


def _tooltip(*, marked: bool) -> list[alt.Tooltip]:
    return [
        alt.Tooltip("time:N", title="时间"),
        alt.Tooltip("negative:N", title="负面占比"),
        *(alt.Tooltip(f"{label}:Q", title=label, format=",") for label in LABELS),
        *([alt.Tooltip("why:N", title="异常")] if marked else []),
    ]


def _x(field: str, look: _Look, **axis: Any) -> alt.X:
    form = _AXIS_FORMATS[look.frequency]
    said = {"format": form, "labelOverlap": True, "grid": False, "tickCount": look.ticks, **axis}
    if look.weeks:
        said["values"] = [alt.DateTime(year=day.year, month=day.month, date=day.day) for day in look.weeks]
    return alt.X(f"{field}:T", title=None, axis=alt.Axis(**said))


def _y(field: str) -> alt.Y:
    # room for half a mark above the highest and below the lowest share: anything outside the plot is clipped
    room = alt.Scale(range=[_SHARE_HEIGHT - _MARK_ROOM, _MARK_ROOM])
    return alt.Y(f"{field}:Q", title="负面占比", axis=alt.Axis(format="%", tickCount=5), scale=room)


def _share(look: _Look, zoom: alt.Parameter, click: alt.Parameter) -> Any:
    color = LABEL_COLORS[NEGATIVE]
    domain = alt.Scale(domain=zoom)
    x = _x("middle", look, labels=False, ticks=False).scale(domain)
    y = _y("share")
    base = alt.Chart().encode(x=x)
    band = base.mark_area(color=color, opacity=0.18, clip=True).encode(y=_y("low"), y2="high:Q")
    line = base.mark_line(color=color, strokeWidth=2 if look.dotted else 1, clip=True).encode(y=y)
    dotted = "isValid(datum.share)" if look.dotted else "datum.alone"
    dots = (
        base.transform_filter(dotted)
        .mark_circle(color=color, opacity=1, clip=True)
        .encode(y=y, size=alt.condition(click, alt.value(130), alt.value(28)))
    )
    whiskers = (
        base.transform_filter("datum.alone")
        .mark_rule(color=color, opacity=0.5, clip=True)
        .encode(y=_y("low"), y2="high:Q")
    )
    # a column as high as the plot: hovering anywhere in it shows its numbers, clicking selects it
    column = (
        alt.Chart()
        .mark_rect(color=palette(look.dark).accent, clip=True)
        .encode(
            x=_x("start", look, labels=False, ticks=False).scale(domain),
            x2="end:T",
            opacity=alt.condition(click, alt.value(0.16), alt.value(0)),
            tooltip=_tooltip(marked=look.marked),
        )
        .add_params(click)
    )
    return alt.layer(band, whiskers, line, dots, *([_marks(base, y, look.dark)] if look.marked else []), column)


def _marks(base: Any, y: alt.Y, dark: bool) -> Any:
    """Marks that differ in shape, not only in colour, below the column that takes the clicks and shows the reason."""
    shapes = alt.Scale(domain=[1, -1], range=["triangle-up", "triangle-down"])
    return (
        base.transform_filter("datum.sign != 0")
        .mark_point(color=palette(dark).text, filled=False, size=_MARK_SIZE, strokeWidth=2, opacity=1, clip=True)
        .encode(y=y, shape=alt.Shape("sign:N", scale=shapes, legend=None))
    )


def _volume(look: _Look, zoom: alt.Parameter) -> Any:
    return (
        alt.Chart()
        .transform_fold(list(LABELS), as_=["label", "count"])
        .transform_calculate(order=LABEL_ORDER)
        .mark_bar(binSpacing=1 if look.dotted else 0)
        .encode(
            x=_x("start", look),
            x2="end:T",
            y=alt.Y("sum(count):Q", title="条数", stack=True, axis=alt.Axis(format="~s", tickCount=3, tickMinStep=1)),
            order="order:Q",
            color=alt.Color("label:N", scale=LABEL_SCALE, legend=alt.Legend(orient="bottom", direction="horizontal")),
            tooltip=_tooltip(marked=look.marked),
        )
        .add_params(zoom)
    )


def _caption(result: Trend, found: Anomalies | None, signs: Sequence[int]) -> str:
    coarser = result.asked is not None and result.asked is not result.frequency
    return caption(
        result.n,
        result.filter,
        f"另有 {format_count(result.undated)} 条无日期,不在图中" if result.undated else "",
        f"时间跨度太长,已改为按{FREQUENCY_TITLES[result.frequency]}" if coarser else "",
        "阴影为 95% 区间",
        "△ 异常偏高" if 1 in signs else "",
        "▽ 异常偏低" if -1 in signs else "",
        _FALSE_ALARMS if any(signs) and result.frequency is Frequency.DAY else "",
        describe_copied(found) if found else "",
        "历史还短,只看得出很大的变化" if found and _begins(found) else "",
    )


def _begins(found: Anomalies) -> bool:
    """Whether no bucket has been compared with a past yet."""
    rests_on = {verdict.history for verdict in found.verdicts}
    return History.AROUND in rests_on and History.PAST not in rests_on

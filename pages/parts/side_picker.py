"""The two sides of a contrast, kept in the URL."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import partial

import streamlit as st

from core.analyse import BY_LABEL, recent_periods
from core.chart import short_name
from core.results import Choice, Choices
from core.schema import Filter
from pages.parts import links

Sides = tuple[Filter, Filter | None]
#: The kinds of difference between the two sides: key, title.
LABEL, PERIOD = "label", "period"
_LISTS = {"products": "两个商品", "sources": "两个来源", "files": "两个文件"}
_REST = "其余"
_KEY = "side_"


def show(offered: Choices) -> Sides:
    """Draw the choice of the two sides and return them.

    Args:
        offered: The values that the job's comments have.
    """
    kinds = _kinds(offered)
    first, second = links.option_filter("a"), links.option_filter("b")
    kind = _kind_of(first)
    kind = kind if kind in kinds else LABEL
    st.session_state[_KEY + "kind"] = kind
    what, one, versus, other = st.columns((1.6, 2, 0.3, 2), gap="xsmall", vertical_alignment="center")
    what.selectbox(
        "对比什么",
        list(kinds),
        format_func=kinds.__getitem__,
        key=_KEY + "kind",
        on_change=partial(_kind_changed, offered),
        label_visibility="collapsed",
    )
    if kind == LABEL:
        return BY_LABEL
    versus.markdown("对")
    if kind == PERIOD:
        return _periods(one, other, offered, (first, second))
    return _values(one, other, kind, getattr(offered, kind), (first, second))


def _kinds(offered: Choices) -> dict[str, str]:
    kinds = {LABEL: "负面对正面"}
    if offered.first_day != offered.last_day:
        kinds[PERIOD] = "两个时段"
    return kinds | {name: title for name, title in _LISTS.items() if len(getattr(offered, name)) > 1}


def _kind_of(first: Filter | None) -> str:
    if first is None:
        return LABEL
    if first.start or first.end:
        return PERIOD
    return next((name for name in _LISTS if getattr(first, name)), LABEL)


def _kind_changed(offered: Choices) -> None:
    kind = st.session_state[_KEY + "kind"]
    first, second = _start(kind, offered)
    links.set_options(links.options_of("a", first) | links.options_of("b", second))


def _start(kind: str, offered: Choices) -> tuple[Filter | None, Filter | None]:
    """Return the initial sides of a kind: the latest days against those before, the two largest values."""
    if kind == PERIOD and offered.first_day and offered.last_day:
        found = recent_periods(offered.first_day, offered.last_day)
        return (found[1], found[0]) if found else (None, None)
    if kind in _LISTS:
        one, two = (choice.value for choice in getattr(offered, kind)[:2])
        return _only(kind, one), _only(kind, two)
    return None, None


def _only(kind: str, value: str) -> Filter:
    return replace(Filter(), **{kind: (value,)})


def _values(
    one: st.delta_generator.DeltaGenerator,
    other: st.delta_generator.DeltaGenerator,
    kind: str,
    choices: tuple[Choice, ...],
    now: tuple[Filter | None, Filter | None],
) -> Sides:
    counts = {choice.value: choice.n for choice in choices}
    named = [getattr(side, kind)[0] if side and getattr(side, kind) else None for side in now]
    first = named[0] if named[0] is not None else next(iter(counts))
    st.session_state[_KEY + "a"] = first
    st.session_state[_KEY + "b"] = named[1]
    options = list(dict.fromkeys([*counts, first]))
    look = {"format_func": partial(_counted, counts), "label_visibility": "collapsed"}
    changed = partial(_values_changed, kind)
    one.selectbox("甲", options, key=_KEY + "a", on_change=changed, **look)
    seconds = [None, *dict.fromkeys([*counts, *([named[1]] if named[1] is not None else [])])]
    other.selectbox("乙", seconds, key=_KEY + "b", on_change=changed, **look)
    return _only(kind, first), None if named[1] is None else _only(kind, named[1])


def _counted(counts: dict[str, int], value: str | None) -> str:
    if value is None:
        return _REST
    name = short_name(value) or "未填写"
    return f"{name} · {counts[value]:,}" if value in counts else name


def _values_changed(kind: str) -> None:
    first, second = (st.session_state[_KEY + name] for name in ("a", "b"))
    links.set_options(
        links.options_of("a", _only(kind, first))
        | links.options_of("b", None if second is None else _only(kind, second))
    )


def _periods(
    one: st.delta_generator.DeltaGenerator,
    other: st.delta_generator.DeltaGenerator,
    offered: Choices,
    now: tuple[Filter | None, Filter | None],
) -> Sides:
    default = _start(PERIOD, offered)
    sides = [side or start or Filter() for side, start in zip(now, default, strict=True)]
    first_day, last_day = str(offered.first_day), str(offered.last_day)
    for place, name, side in ((one, "a", sides[0]), (other, "b", sides[1])):
        start, end = date.fromisoformat(side.start or first_day), date.fromisoformat(side.end or last_day)
        key = _KEY + f"days_{name}"
        if len(st.session_state.get(key, ())) != 1:  # the second day is still to come
            st.session_state[key] = (start, max(start, end))
        place.date_input(
            "时段",
            min_value=min(start, date.fromisoformat(first_day)),
            max_value=max(end, date.fromisoformat(last_day)),
            format="YYYY-MM-DD",
            key=key,
            on_change=partial(_days_changed, name, sides[1] if name == "a" else sides[0]),
            label_visibility="collapsed",
        )
    return sides[0], sides[1]


def _days_changed(name: str, other: Filter) -> None:
    picked = st.session_state[_KEY + f"days_{name}"]
    if len(picked) < 2:
        return
    mine = Filter(start=picked[0].isoformat(), end=picked[1].isoformat())
    theirs = "b" if name == "a" else "a"
    links.set_options(links.options_of(name, mine) | links.options_of(theirs, other))

"""The pieces of 关键词对比: the two sides, and their words as cloud, scatter, bars and table."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from core import chart
from core.analyse import by_chance, narrow, read_synonyms, synonyms
from core.results import Choices, Contrast, ContrastWord
from core.schema import Filter, word_title
from pages.parts import answers, chart_view, cloud_view, drawings, links, say, side_picker, words_view
from pages.parts.side_picker import Sides

CLOUD_WIDTH, CLOUD_HEIGHT = 600, 300
_LOOKS = ("词云", "散点", "条形")
_ROW, _HEAD, _TABLE = 28, 37, 350
_SIDE = "words_side"


def sides(job: str, offered: Choices) -> Sides:
    """Draw the choice of the two sides, and of the words that are hidden or merged."""
    picker, lists = st.columns((3, 1), vertical_alignment="center")
    with picker:
        found = side_picker.show(offered)
    with lists, st.container(horizontal=True, horizontal_alignment="right", gap="small"):
        cloud_view.hiding()
        _sameness()
    return found


def words(job: str, chosen: Filter, compared: Sides) -> None:
    """Draw the words of both sides; a click on one shows its comments."""
    groups = synonyms(links.option("same")) if links.option("merge", "1") == "1" else ()
    with st.container():
        view = words_view.watched(job, groups)
    result = answers.contrast(job, chosen, compared, view=view, stop=links.hidden())
    if not all(side.n for side in result.sides):
        names = [chart.side_title(side.chosen) for side in result.sides if not side.n]
        st.info(f"没有符合条件的评论:{say.escape('、'.join(names))}。换一组,或取消几项筛选。", icon=":material/info:")
        return
    if not result.words:
        st.info("评论太少,还看不出突出的词。", icon=":material/info:")
        return
    picture, table = st.columns((5, 4))
    with picture:
        _picture(result)
    with table:
        _table(result)


def _picture(result: Contrast) -> None:
    bar = st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute")
    with bar:
        look = st.segmented_control(
            "怎么看", _LOOKS, default=_LOOKS[0], required=True, key="words_look", label_visibility="collapsed"
        )
    if look == _LOOKS[0]:
        _clouds(result, bar)
        return
    draw, name, options = (
        (chart.scatter, "用词散点", {"width": 480, "height": 330})
        if look == _LOOKS[1]
        else (chart.contrast, "用词对比", {"width": 400})
    )
    chart_view.show(
        draw,
        result,
        name=name,
        selection="word",
        mark=partial(_mark_of, result),
        empty="评论太少,还看不出突出的词。",
        bar=bar,
        **options,
    )


def _clouds(result: Contrast, bar: Any) -> None:
    titles = [chart.side_title(side.chosen) for side in result.sides]
    side = 1 if st.session_state.get(_SIDE) == 1 else 0  # set by the control above the table, which comes later
    title = f"{titles[side]}里突出的词"
    placed = drawings.drawn(
        chart.cloud, result, label=2 * side, width=CLOUD_WIDTH, height=CLOUD_HEIGHT, dark=chart_view.dark()
    )
    if not placed:
        st.info(f"{say.escape(titles[side])}里没有突出的词。", icon=":material/info:")
        return
    with bar:
        chart_view.downloads(result, title, partial(cloud_view.picture, result, title, label=2 * side))
    cloud_view.show(
        placed,
        title=title,
        selected=links.mark().term,
        width=CLOUD_WIDTH,
        height=CLOUD_HEIGHT,
        key="contrast_cloud",
        on_word=partial(_pick, result),
    )
    st.caption(say.escape(f"字越大,越是这一边特有(z 值);颜色越深,两边说得越悬殊。{chart.contrast_remark(result)}。"))


def _table(result: Contrast) -> None:
    titles = [chart.side_title(side.chosen) for side in result.sides]
    side = st.segmented_control(
        "哪一边的词",
        [0, 1],
        default=0,
        required=True,
        format_func=[f"{t}的词" for t in titles].__getitem__,
        key=_SIDE,
        label_visibility="collapsed",
    )
    listed = result.second if side else result.first
    if not listed:
        st.caption("这一边没有突出的词。")
        return
    shown = {
        "词": [word_title(word.word) for word in listed],
        "甲": [_short(word.first) for word in listed],
        "乙": [_short(word.second) for word in listed],
        "z": [word.z for word in listed],
    }
    name = chart_view.grid_key(f"contrast_table_{side}", chart_view.keyed(repr([one.chosen for one in result.sides])))
    st.dataframe(
        shown,
        hide_index=True,
        height=min(_TABLE, _HEAD + _ROW * len(listed)),
        row_height=_ROW,
        key=name,
        on_select=partial(_row_clicked, name, result, listed),
        selection_mode="single-cell",
        column_config={
            "词": st.column_config.TextColumn(width=chart_view.word_room(shown["词"])),
            "甲": st.column_config.TextColumn(f"甲 {titles[0]}", width=143, help=_help(titles[0])),
            "乙": st.column_config.TextColumn(f"乙 {titles[1]}", width=143, help=_help(titles[1])),
            "z": st.column_config.NumberColumn(format="%+.1f", width=55, help="绝对值越大,越能分开两边"),
        },
    )
    strongest = max(abs(word.z) for word in result.words)
    if by_chance([strongest]):
        st.caption(f"最强的词 |z| 也只有 {strongest:.1f}:两边用词没有明显差别,这些词多半是偶然。")
    else:
        st.caption("一次看很多词,|z| 小于 3 的只当线索,不当结论。")


def _help(title: str) -> str:
    return f"{title}里提到这个词的条数和占比(95% 区间)"


def _short(share: Any) -> str:
    return f"{share.count:,} · {chart.format_percent(share.value)} ({100 * share.low:.1f}–{100 * share.high:.1f})"


def _row_clicked(key: str, result: Contrast, listed: tuple[ContrastWord, ...]) -> None:
    cells = st.session_state[key].selection.cells
    if cells:
        _pick(result, listed[cells[0][0]].word)


def _pick(result: Contrast, word: str) -> None:
    """Filter by a word on the side it favours, or remove the filter if it is the same word."""
    links.set_mark(None if links.mark().term == word else _mark(result, word))


def _mark_of(result: Contrast, fields: dict[str, Any]) -> Filter | None:
    return _mark(result, str(fields["word"])) if fields.get("word") else None


def _mark(result: Contrast, word: str) -> Filter:
    found = next((one for one in result.words if one.word == word), None)
    if found is None:
        return Filter(term=word)
    side = result.sides[0 if found.z >= 0 else 1].chosen
    return narrow(side or Filter(), Filter(term=word))


def _sameness() -> None:
    own = links.option("same")
    with st.popover("近义词", icon=":material/join:", type="tertiary"):
        st.session_state["same_merge"] = links.option("merge", "1") == "1"
        st.toggle(
            "近义词合并计数",
            key="same_merge",
            on_change=_same_changed,
            help=f"自带 {len(synonyms())} 组,如 难吃 = 不好吃 = 太难吃。",
        )
        st.session_state["same_own"] = "\n".join(" = ".join(group) for group in read_synonyms(own))
        st.text_area(
            "我的近义词,每行一组,第一个词是名称",
            key="same_own",
            on_change=_same_changed,
            placeholder="物流 = 快递 = 配送\n屏幕 = 显示屏",
            height=120,
            help="优先于自带的;地址里会记住,不影响打标。",
        )
        st.dataframe(
            {"名称": [g[0] for g in synonyms(own)], "算作同一个词": ["、".join(g[1:]) for g in synonyms(own)]},
            hide_index=True,
            height=180,
        )


def _same_changed() -> None:
    groups = read_synonyms(st.session_state["same_own"])
    same = ";".join("=".join(group) for group in groups)
    links.set_options({"same": same, "merge": "" if st.session_state["same_merge"] else "0"})

"""The pieces of 舆情看板: key figures, trend, words, and further comparisons."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import streamlit as st

from core import chart
from core.analyse import MONTH, by_chance, finer_frequency, mark_of_bucket, mark_of_group
from core.results import FREQUENCY_TITLES, Choices, Difference, Frequency, Keyword, Keywords, Mean, Overview, Trend
from core.schema import EMOTIONS, LABELS, NEGATIVE, POSITIVE, Col, Filter, Share, original, word_title
from pages.parts import answers, chart_view, cloud_view, compare_parts, drawings, episodes, filter_bar, links, say

TREND_WIDTH, CLOUD_WIDTH, CLOUD_HEIGHT, WIDE = 520, 400, 215, 700
#: Titles of the further comparisons.
ANGLES = ("负面词对正面词", "来源、商品与其他分组", "评分与文字", "情感与把握", "情绪")
_CLOUD_TITLE = "负面评论里突出的词"
_AUTOMATIC = "auto"
_STEPS = (Frequency.DAY, Frequency.WEEK, Frequency.MONTH)
#: Heights of a row and of the header of a table of terms, pixels.
_ROW, _HEAD = 28, 37


def figures(job: str, result: Overview, offered: Choices) -> None:
    """Draw the key figures with interval, n and the change from the previous period."""
    now = result.now
    changes = result.changes or (None, None, None)
    columns = [column.container(gap="xxsmall") for column in st.columns(5, gap="small")]
    with columns[0]:
        before = result.previous.n if result.previous else None
        change = None if before is None else f"{now.n - before:+,}"
        undated = f"另有 {now.undated.count:,} 条没有日期。" if now.undated.count and now.first else None
        st.metric("评论", f"{now.n:,} 条", change, delta_color="gray", help=undated)
        st.caption(_days(result))
    with columns[1]:
        _share("负面", now.shares[NEGATIVE], changes[NEGATIVE], up="orange", down="blue")
    with columns[2]:
        _share("正面", now.shares[POSITIVE], changes[POSITIVE], up="blue", down="orange")
    with columns[3]:
        _share("需复核", now.needs_review, None, up="gray", down="gray")
    with columns[4]:
        if now.rating.n:
            _rating(now.rating, offered)
        else:
            texts = answers.distinct_texts(job, result.filter)
            st.metric("不重复的文字", f"{texts:,}")
            st.caption(f"占 {texts / now.n:.0%}" if now.n else "–")


def _rating(mean: Mean, offered: Choices) -> None:
    seen = "–".join(f"{end:g}" for end in dict.fromkeys(offered.ratings)) if offered.ratings else ""
    st.metric("平均评分", f"{mean.value:.2f}", help=f"任务里出现过的评分:{seen} 分。" if seen else None)
    interval = "" if math.isnan(mean.low) else f"{mean.low:.2f}–{mean.high:.2f}, "
    st.caption(f"{interval}n={mean.n:,}")


def _share(title: str, share: Share, change: Difference | None, *, up: Any, down: Any) -> None:
    moved = change is not None and not math.isnan(change.value)
    clear = moved and change is not None and (change.low > 0 or change.high < 0)
    say.share_metric(
        f"{title}占比",
        share,
        f"{100 * change.value:+.1f} 个百分点" if moved and change is not None else None,
        delta_color=(up if change.value > 0 else down) if clear and change is not None else "gray",
        help=f"与上一个等长时段相比 {chart.format_change(change)};区间含 0 时为灰色。" if change is not None else None,
    )


def _days(result: Overview) -> str:
    now = result.now
    return "没有日期" if now.first is None or now.last is None else say.days(now.first, now.last)


def trend(job: str, chosen: Filter) -> None:
    """Draw sentiment over time; a click on a point shows its comments."""
    result = answers.trend(job, chosen, links.frequency())
    found = answers.anomalies(job, chosen, links.frequency())
    bar = st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute")
    with bar:
        st.session_state["trend_step"] = links.frequency() or _AUTOMATIC
        st.segmented_control(
            "步长",
            [_AUTOMATIC, *_STEPS],
            required=True,
            format_func=_step,
            key="trend_step",
            on_change=_step_changed,
            label_visibility="collapsed",
        )
    chart_view.show(
        chart.trend,
        result,
        name="负面占比随时间的变化",
        selection="bucket",
        mark=partial(bucket_mark, result),
        empty=_no_trend(result),
        width=TREND_WIDTH,
        bar=bar,
        found=found,
    )
    step = None if links.frequency() or found.episodes else finer_frequency(result)
    if step:
        found = answers.anomalies(job, chosen, step)
    episodes.show(job, chosen, found, rows=result.n, shown=result.frequency)


def _no_trend(result: Trend) -> str:
    if not result.undated:
        return "没有符合条件的评论。"
    return (
        f"这 {result.undated:,} 条评论都没有日期,画不出趋势。"
        "表里若有时间列,请在「批量打标」里重新上传,在「时间」里选它。"
    )


def _step(step: str) -> str:
    return "自动" if step == _AUTOMATIC else f"按{FREQUENCY_TITLES[Frequency(step)]}"


def _step_changed() -> None:
    step = st.session_state["trend_step"]
    links.set_frequency(None if step == _AUTOMATIC else Frequency(step))


def bucket_mark(result: Trend, fields: dict[str, Any]) -> Filter | None:
    """Return the filter for the period of a clicked point of a trend."""
    start = fields.get("bucket")
    if isinstance(start, int | float):  # the browser sends a time as milliseconds in its own time zone
        zone = ZoneInfo(st.context.timezone) if st.context.timezone else UTC
        start = datetime.fromtimestamp(start / 1000, zone).replace(tzinfo=None).isoformat()
    return mark_of_bucket(result, str(start))


def words(job: str, chosen: Filter) -> None:
    """Draw the negative words as a cloud and a table; a click on one shows its comments and its trend."""
    # the cloud keeps all words when one is clicked, so that another can be
    result = answers.keywords(job, filter_bar.without(chosen, ("term",)), links.hidden())
    placed = drawings.drawn(chart.cloud, result, width=CLOUD_WIDTH, height=CLOUD_HEIGHT, dark=chart_view.dark())
    bar = st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute")
    bar.markdown(f"**{_CLOUD_TITLE}** · 点词看评论", width="content")
    with bar:
        cloud_view.hiding([word_title(term.term) for term in result.negative])
    if not placed:
        few = "负面评论太少,还看不出突出的词。" if result.totals[NEGATIVE] else "没有负面评论。"
        st.info(f"{few}正面评论在说什么,见下面的「{ANGLES[0]}」。", icon=":material/info:")
        return
    with bar:
        chart_view.downloads(result, "负面词云", partial(cloud_view.picture, result, _CLOUD_TITLE))
    cloud_view.show(
        placed,
        title=_CLOUD_TITLE,
        selected=chosen.term,
        width=CLOUD_WIDTH,
        height=CLOUD_HEIGHT,
        key="cloud",
        on_word=pick_word,
    )
    term_table(result.negative, height=178, key="negative_terms")
    _how_sure(result)


def _how_sure(result: Keywords) -> None:
    """Warn when the words stand out by chance, or have nothing to be compared with."""
    strongest = max((term.z for term in result.negative), default=0.0)
    if result.totals[NEGATIVE] == sum(result.totals):
        st.caption("评论全是负面,没有别的可比:这些只是说得最多的词。")
    elif result.negative and not strongest:
        st.caption("正面评论里没有可比的词:这些只是说得最多的词。")
    elif by_chance([strongest]):
        st.caption(f"最强的词 z 也只有 {strongest:.1f},这些词多半是偶然。")


def pick_word(word: str) -> None:
    """Filter by a word, or remove the filter if it is the same word."""
    chosen = links.chosen()[0]
    links.set_filter(filter_bar.without(chosen, ("term",)) if chosen.term == word else replace(chosen, term=word))


def term_table(terms: tuple[Keyword, ...], *, height: int, key: str) -> None:
    """Draw terms with n, share, interval and z; a click on a row selects its word.

    They do not depend on the filtered labels, so the table stays when those change.
    """
    if not terms:
        return
    shown = {
        "词": [word_title(t.term) for t in terms],
        "负面": [t.counts[NEGATIVE] for t in terms],
        "全部": [t.n for t in terms],
        "负面占比(95% 区间)": [_with_interval(t.negative) for t in terms],
        "z": [t.z for t in terms],
    }
    name = chart_view.grid_key(key, chart_view.keyed("", filter_bar.without(links.chosen()[0], ("labels",))))
    st.dataframe(
        shown,
        hide_index=True,
        height=min(height, _HEAD + _ROW * len(terms)),
        row_height=_ROW,
        key=name,
        on_select=partial(_term_clicked, name, terms),
        selection_mode="single-cell",
        column_config={
            "词": st.column_config.TextColumn(width=chart_view.word_room(shown["词"])),
            "负面": st.column_config.NumberColumn(format="localized", width=55),
            "全部": st.column_config.NumberColumn(format="localized", width=55),
            "z": st.column_config.NumberColumn(format="%.1f", width=45, help="越大,越是负面评论特有的词"),
        },
    )


def _with_interval(share: Share) -> str:
    return f"{chart.format_percent(share.value)} ({100 * share.low:.0f}–{100 * share.high:.0f})"


def _term_clicked(key: str, terms: tuple[Keyword, ...]) -> None:
    cells = st.session_state[key].selection.cells
    if cells:
        pick_word(terms[cells[0][0]].term)


def angles(job: str, chosen: Filter, offered: Choices) -> None:
    """Draw the further comparisons, each only when its tab is open."""
    tabs = st.tabs(ANGLES, on_change="rerun", key="angles")
    for tab, draw in zip(tabs, (_sides, _groups, _stars, _certainty, _emotions), strict=True):
        if tab.open:
            with tab:
                draw(job, chosen, offered)


def _sides(job: str, chosen: Filter, _: Choices) -> None:
    result = answers.keywords(job, filter_bar.without(chosen, ("term",)), links.hidden())
    picture, table = st.columns((3, 2))
    with picture:
        chart_view.show(
            chart.keywords,
            result,
            name="负面和正面评论各在说什么",
            selection="term",
            mark=_word,
            empty="评论太少,还看不出突出的词。",
            about=result.filter,
            width=400,
        )
    with table:
        side = st.segmented_control("哪一边", ["负面词", "正面词"], default="负面词", required=True, key="terms_side")
        terms = result.positive if side == "正面词" else result.negative
        if not terms:
            st.caption(f"没有突出的{side}。")
        term_table(terms, height=560, key=f"terms_{side}")


def _word(fields: dict[str, Any]) -> Filter | None:
    return Filter(term=str(fields["term"])) if fields.get("term") else None


def _groups(job: str, chosen: Filter, offered: Choices) -> None:
    kinds = {Col.SOURCE: "来源", Col.PRODUCT: "商品", Col.FILE: "文件", Col.RATING: "评分", MONTH: "月份"}
    kinds |= {original(name): f"列:{name}" for name in answers.table(job).original_columns}
    left, right, _rest = st.columns((2, 2, 3))
    first = list(kinds).index(compare_parts.first_kind(kinds, offered))
    by = left.selectbox("按什么分组", list(kinds), first, format_func=kinds.__getitem__, key="groups_by")
    label = right.selectbox("比较哪种情感", range(len(LABELS)), format_func=LABELS.__getitem__, key="groups_label")
    chart_view.show(
        chart.compare,
        answers.compare(job, chosen, by, label),
        name=f"按{kinds[by]}比较{LABELS[label]}占比",
        selection="group",
        mark=partial(_group, by),
        empty="没有可比较的分组。",
        width=480,
    )


def _group(by: str, fields: dict[str, Any]) -> Filter | None:
    return mark_of_group(by, str(fields.get("name", "")))


def _stars(job: str, chosen: Filter, offered: Choices) -> None:
    result = answers.distribution(job, chosen)
    chart_view.show(
        chart.ratings,
        result,
        name="评分与情感是否一致",
        selection="rating",
        mark=partial(_range, "ratings"),
        empty="这些评论没有评分。有评分列时,可以看出哪些高分其实在抱怨。",
        width=WIDE,
    )
    if result.rated and offered.ratings:
        low, high = offered.ratings
        with st.container(horizontal=True):
            for title, bound, label in (("最高分却负面", high, NEGATIVE), ("最低分却正面", low, POSITIVE)):
                mark = Filter(ratings=(bound, bound), labels=(LABELS[label],))
                st.button(f"看{title}的评论", key=f"stars_{label}", on_click=links.set_mark, args=(mark,))


def _certainty(job: str, chosen: Filter, _: Choices) -> None:
    left, right = st.columns(2)
    with left:
        chart_view.show(
            chart.labels,
            answers.overview(job, chosen),
            name="情感分布",
            selection="label",
            mark=_label,
            empty="没有符合条件的评论。",
            width=220,
        )
    with right:
        chart_view.show(
            chart.confidence,
            answers.distribution(job, chosen),
            name="模型有多大把握",
            selection="confidence",
            mark=partial(_range, "confidence"),
            empty="没有符合条件的评论。",
            width=380,
        )


def _emotions(job: str, chosen: Filter, _: Choices) -> None:
    if not answers.table(job).has_emotions:
        st.info("这个任务没有判断情绪。在「批量打标」里打开“判断情绪”,再运行一次即可。", icon=":material/info:")
        return
    chart_view.show(
        chart.emotions,
        answers.emotions(job, chosen),
        name="情绪分布",
        selection="emotion",
        mark=_emotion,
        empty="没有符合条件的评论。",
        width=WIDE,
    )
    st.caption("情绪学自微博,对商品评论只作参考;惊讶不分好坏,按灰色画。")


def _emotion(fields: dict[str, Any]) -> Filter | None:
    return Filter(emotions=(str(fields["emotion"]),)) if fields.get("emotion") in EMOTIONS else None


def _label(fields: dict[str, Any]) -> Filter | None:
    return Filter(labels=(str(fields["label"]),)) if fields.get("label") in LABELS else None


def _range(field: str, fields: dict[str, Any]) -> Filter | None:
    if "low" not in fields:
        return None
    bounds: dict[str, Any] = {field: (float(fields["low"]), float(fields["high"]))}
    return Filter(**bounds)

"""The pieces of 客服质检: key figures, satisfaction levels, agents, the review list, one dialogue turn by turn."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from core import analyse, chart
from core.analyse import narrow
from core.analyse.dialogue import Picked, pick
from core.derive.dialogues import Dialogues
from core.derive.talks import holds_talks
from core.errors import ModelError
from core.files import stem
from core.results import LEVELS, Agents, Service
from core.results import Dialogues as Listed
from core.schema import Backend, Filter, Job, Within
from core.settings import get_settings
from pages.parts import answers, chart_view, derived, links, resources, say, start, table_files, talk_view

LISTED, AGENTS = 100, 50
_TALK, _ALL = "talk", "all"
#: Incremented when a dialogue is closed, so that its row is no longer selected.
_ROUND = "dialogue_round"
_ROW, _HEAD, _MOST_ROWS, _AGENT_ROWS = 35, 38, 9, 4
#: Width of the satisfaction bars, pixels: beside them must fit a share of a million dialogues with its n.
_LEVELS_WIDTH = 150
#: Width of an agent's name, em.
_AGENT_EM = 6
_EXAMPLE = "会话ID,角色,内容,时间"


def holds_dialogues(job: str) -> bool:
    """Return whether a job's table looks like dialogues."""
    return _holds_dialogues(job, answers.version(job))


@st.cache_data(show_spinner=False, max_entries=50)
def _holds_dialogues(job: str, version: answers.Version) -> bool:
    return holds_talks(answers.table(job))


def how_to() -> None:
    """Say what a table of dialogues looks like."""
    st.info(
        "这个任务里没有找到客服对话。换一个任务,或上传这三种文件之一:\n"
        f"1. 一行一句的表,有会话编号、角色和内容,如 {_EXAMPLE};\n"
        "2. 一格一段对话的表,每句前有“客服:”“用户:”这样的标记;\n"
        '3. JSONL,每行一段:{"id": "1", "turns": \\[{"speaker": "客户", "text": "…"}\\]}。',
        icon=":material/support_agent:",
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.page_link("batch.py", label="去批量打标", icon=":material/upload_file:")
        st.button("看一个示例", icon=":material/play_circle:", key="dialogue_demo", on_click=_demo)


def _demo() -> None:
    links.open_job(start.start_dialogues())


def show(job: Job, chosen: Filter) -> bool:
    """Draw the page below the filter bar.

    Args:
        job: The job.
        chosen: Its filter.

    Returns:
        Whether the dialogues have been analysed, so that there is something to show.
    """
    recipe = Dialogues(_backend(job), whole=links.option(_ALL) == "1")
    view = derived.view(job.id, recipe)
    if view is None:
        return False
    facts = resources.store().derived(job.id).facts(view) or {}
    figures = _answer(job.id, answers.version(job.id), "service", chosen, view=view)
    _figures(figures)
    _about(facts)
    levels, people = st.columns((3, 5))
    with levels:
        _levels(figures, view)
    with people:
        _agents(job, chosen, view)
    _review(job, narrow(chosen, _group_mark(view)), view)
    number = links.option(_TALK)
    if number.isascii() and number.isdigit():
        talk_view.show(job.id, view, int(number), on_close=_close)
    return True


def _backend(job: Job) -> Backend:
    """Return the model that labelled the job; if it is no longer on this machine, the default one, and say so."""
    try:
        return resources.backend(job.spec.backend)
    except ModelError as exc:
        if exc.code not in {"M01", "M02"}:
            raise
    default = get_settings().backend
    backend = resources.backend(default)
    gone, instead = say.escape(say.model(job.spec.backend)), say.escape(say.model(default))
    st.caption(f":material/info: 这个任务是用{gone}打标的,本机现在没有它,对话改由{instead}判断。")
    return backend


@st.cache_data(show_spinner=False, max_entries=200)
def _answer(job: str, version: answers.Version, what: str, chosen: Filter, **options: Any) -> Any:
    ask = {"service": analyse.service, "agents": analyse.agents, "dialogues": analyse.dialogues}[what]
    return ask(answers.table(job), _kept(job, version, chosen, options["view"]), **options)


@st.cache_data(show_spinner=False, max_entries=50)
def _kept(job: str, version: answers.Version, chosen: Filter, view: str) -> Picked:
    return pick(answers.table(job), answers.selection(job, chosen), view=view)


def _figures(result: Service) -> None:
    columns = [column.container(gap="xxsmall") for column in st.columns(5, gap="small")]
    with columns[0]:
        st.metric("对话", f"{result.n:,} 段")
        st.caption(f"{result.timed:,} 段有时间")
    with columns[1]:
        mean = result.satisfaction
        st.metric("平均满意度", chart.format_mood(mean.value, mean.digits), help="−2 很不满,0 一般,+2 很满意。")
        known = not math.isnan(mean.low)
        bounds = (
            f"{chart.format_mood(mean.low, mean.digits)} 至 {chart.format_mood(mean.high, mean.digits)}, "
            if known
            else ""
        )
        st.caption(f"{bounds}n={mean.n:,}")
    for column, name, value, why in (
        (
            columns[2],
            "不满没有化解",
            result.unresolved,
            "客户最后两轮里有不满(情绪为负、扬言投诉或放弃),之后没有道谢、接受或转好。",
        ),
        (
            columns[3],
            "客服回复有问题",
            result.faulty,
            "冒犯、语气负面、推诿、一口回绝、不耐烦,或重复同一段话。道歉不算。",
        ),
    ):
        with column:
            say.share_metric(name, value, help=why)
    with columns[4]:
        st.metric("最久等待(中位数)", chart.format_wait(result.waited), help="每段对话里客户等得最久的一次。")
        st.caption(f"n={result.timed:,}")


def _about(facts: dict[str, Any]) -> None:
    """Say how satisfaction was estimated, and for how many dialogues."""
    how = {
        "heard": f"满意度由客服满意度模型 {facts.get('model')} 判断(用真人标注的对话训练)",
        "words": f"满意度由客服满意度模型 {facts.get('model')} 的文字部分判断:它是配另一版本的情感模型训练的",
    }.get(str(facts.get("how")), "没有满意度模型,满意度就是情绪分")
    plain = facts.get("judged", {}).get("plain", 0)
    parts = [how, f"情感模型 {facts.get('backend')}"]
    if plain and facts.get("how") != "plain":
        parts.append(f"{plain:,} 段不是中文或没有客户发言,用情绪分")
    seen, of = int(facts.get("dialogues", 0)), int(facts.get("of", 0))
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if seen < of:
            parts.insert(0, f"共 {of:,} 段对话,按其中均匀抽取的 {seen:,} 段统计")
        st.caption(say.escape(" · ".join(parts)), width="content")
        if seen < of:
            st.button(
                "听完全部",
                type="tertiary",
                key="dialogue_all",
                on_click=links.set_options,
                args=({_ALL: "1", _TALK: ""},),
            )


def _group_mark(view: str) -> Filter:
    """Return the filter of the clicked level or agent; a clicked turn narrows the comments only."""
    clicked = links.mark()
    within = clicked.within
    whole = within is not None and within.view == view and [name for name, _ in within.equal] in (["level"], ["agent"])
    return clicked if whole else Filter()


def _levels(result: Service, view: str) -> None:
    chart_view.show(
        chart.satisfaction,
        result,
        name="客户满意度",
        selection="level",
        mark=partial(_level_mark, view),
        empty="没有能判断满意度的对话。",
        width=_LEVELS_WIDTH,
    )


def _level_mark(view: str, fields: dict[str, Any]) -> Filter | None:
    level = fields.get("level")
    return Filter(within=Within(view, (("level", str(LEVELS.index(level))),))) if level in LEVELS else None


def _agents(job: Job, chosen: Filter, view: str) -> None:
    result: Agents = _answer(job.id, answers.version(job.id), "agents", chosen, view=view, limit=AGENTS)
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        more = f"(前 {AGENTS} 位,共 {result.total:,} 位)" if result.total > AGENTS else ""
        st.markdown(f"**每位客服**{more}", width="content")
        table_files.button(
            f"{stem(job.spec.name)}_客服", partial(_agents_file, job.id, chosen, view), key="dialogue_agents"
        )
    if not result.agents:
        st.caption("没有客服发言。")
        return
    frame = pd.DataFrame(
        {
            # names with a common prefix (the shop, the team) are distinguished by their ends
            "客服": [chart.short_name(one.name, _AGENT_EM) for one in result.agents],
            "满意度": [chart.format_mean(one.satisfaction) for one in result.agents],
            "未化解": [chart.format_share(one.unresolved) for one in result.agents],
            "回复有问题": [chart.format_share(one.faulty) for one in result.agents],
            "等待": [chart.format_wait(one.waited) for one in result.agents],
        }
    )
    key = chart_view.grid_key(f"dialogue_agents_{view}", chart_view.keyed(""))
    st.dataframe(
        frame,
        hide_index=True,
        width="stretch",
        height=_HEAD + _ROW * min(_AGENT_ROWS, len(frame)),
        key=key,
        on_select=partial(_agent_clicked, key, view, [one.name for one in result.agents]),
        selection_mode="single-row",
        column_config={"客服": st.column_config.TextColumn(width=100, pinned=True)},
    )
    st.caption(say.escape(chart.describe_agents(result)))


def _agents_file(job: str, chosen: Filter, view: str) -> bytes:
    whole = _answer(job, answers.version(job), "agents", chosen, view=view, limit=2**31)
    return table_files.numbers_file(chart.numbers(whole))


def _agent_clicked(key: str, view: str, names: list[str]) -> None:
    picked = st.session_state[key].selection.rows
    links.set_mark(Filter(within=Within(view, (("agent", names[picked[0]]),))) if picked else None)


def _review(job: Job, chosen: Filter, view: str) -> None:
    result: Listed = _answer(job.id, answers.version(job.id), "dialogues", chosen, view=view, limit=LISTED)
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        shown = f"最该先看的 {LISTED} 段,共 {result.total:,} 段" if result.total > LISTED else f"{result.total:,} 段"
        said = chart.describe_filter(_group_mark(view))
        st.subheader(f"复核清单 · {shown}", anchor=False, width="content")
        if said:
            st.caption(say.escape(" · ".join(said)), width="content")
        table_files.button(
            f"{stem(job.spec.name)}_复核清单", partial(_review_file, job.id, chosen, view), key="dialogue_review"
        )
    if not result.dialogues:
        st.info("没有符合筛选条件的对话。取消一两项筛选再看。", icon=":material/filter_alt_off:")
        return
    key = chart_view.grid_key(f"dialogue_review_{view}", f"{chosen!r}|{st.session_state.get(_ROUND, 0)}")
    frame = _review_frame(result)
    st.dataframe(
        frame,
        hide_index=True,
        width="stretch",
        height=_HEAD + _ROW * min(_MOST_ROWS, len(frame)),
        key=key,
        on_select=partial(_picked, key, [one.number for one in result.dialogues]),
        selection_mode="single-row",
        column_config={
            "名次": st.column_config.NumberColumn(width=60),
            "理由": st.column_config.TextColumn(width="large"),
            "最低点原话": st.column_config.TextColumn(width="large"),
        },
    )
    st.caption(
        "点一行的选框读整段对话。名次按这个数从大到小:满意度取反,不满没有化解 +1,"
        "客服每处问题 +0.5(至多两处),等待超过 10 分钟 +0.3。"
    )


def _review_frame(result: Listed) -> pd.DataFrame:
    found = result.dialogues
    return pd.DataFrame(
        {
            "名次": range(1, len(found) + 1),
            "会话": [one.name for one in found],
            "满意度": [chart.format_mood(one.satisfaction) for one in found],
            "理由": [";".join(one.reasons) or "—" for one in found],
            "最低点原话": [f"第 {one.lowest_turn} 轮:{one.quote}" if one.lowest_turn else "—" for one in found],
            "情绪": [f"{chart.format_mood(one.start)} → {chart.format_mood(one.final)}" for one in found],
            "情绪分": [chart.format_mood(one.plain) for one in found],
            "客服": [one.agent for one in found],
            "轮数": [one.turns for one in found],
        }
    )


def _review_file(job: str, chosen: Filter, view: str) -> bytes:
    whole = _answer(job, answers.version(job), "dialogues", chosen, view=view, limit=None)
    found = whole.dialogues
    # as numbers: a spreadsheet treats a formatted sign as text and can neither sort nor sum it
    numbers = {"满意度": [one.satisfaction for one in found], "情绪分": [one.plain for one in found]}
    return table_files.numbers_file(_review_frame(whole).assign(**numbers))


def _picked(key: str, numbers: list[int]) -> None:
    picked = st.session_state[key].selection.rows
    _open(numbers[picked[0]] if picked else None)


def _close() -> None:
    st.session_state[_ROUND] = st.session_state.get(_ROUND, 0) + 1
    _open(None)


def _open(number: int | None) -> None:
    """Open a dialogue, or none; a clicked level or agent stays."""
    clicked = links.mark()
    links.set_options({_TALK: "" if number is None else str(number)})
    links.set_mark(clicked)

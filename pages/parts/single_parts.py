"""The pieces of 单句分析: the form, the verdict on one entry, the table of this session."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from functools import partial

import streamlit as st

from core.errors import TingfengError
from core.export import neutralise
from core.schema import EMOTIONS, LABELS, REASON_TITLES, Reason
from core.score import explain, short_version
from core.settings import get_settings
from pages.parts import history, resources, say, verdict

_TEXT = "single_text"
_LINK_CHARS = 2_000
#: Longest text whose words are explained: an explanation runs the model once per word.
_EXPLAIN_CHARS = 600
#: Most rows offered for copying by hand; more are better downloaded.
_COPY_ROWS = 500
#: Height of a row of the table, pixels.
_ROW = 33
#: Column width, pixels; together with the boxes on the left and a scroll bar they fill the page on a laptop, 996.
_SHARE = st.column_config.NumberColumn(format="%.1f%%", width=60)
_COLUMNS = {
    "评论": st.column_config.TextColumn(width=300),
    "情感": st.column_config.TextColumn(width=76),
    "置信度": st.column_config.NumberColumn(format="%.1f%%", width=64),
    "负面": _SHARE,
    "中性": _SHARE,
    "正面": _SHARE,
    "需复核": st.column_config.TextColumn(width=62),
    "情绪": st.column_config.TextColumn(width=88),
    "时间": st.column_config.DatetimeColumn(format="MM-DD HH:mm", width=98),
    "模型": st.column_config.TextColumn(width=82),
}
_EXAMPLES = (
    "物流很快,包装也好,就是价格小贵",
    "客服回复太慢了,等了三天还没解决[怒]",
    "东西不算差,但也说不上好用",
)


def examples() -> None:
    """Offer examples while there are no entries."""
    st.caption("还没有判断过。在上面写一句评论,或从表格里粘贴一列,每行一条。也可以先试试:")
    with st.container(horizontal=True):
        for i, text in enumerate(_EXAMPLES):
            st.button(text, key=f"single_example_{i}", on_click=_take_example, args=(text,))


def _take_example(text: str) -> None:
    st.session_state[_TEXT] = text


def form() -> list[str]:
    """Draw the input; ``?text=`` prefills it once.

    Returns:
        The texts to judge after a submit, otherwise none.
    """
    settings = get_settings()
    if _TEXT not in st.session_state:
        st.session_state[_TEXT] = st.query_params.get("text", "")[:_LINK_CHARS]
    with st.form("single_form", border=False):
        typed = st.text_area(
            "评论",
            key=_TEXT,
            height=120,
            max_chars=settings.api_max_chars,
            placeholder="写一句评论,或粘贴多条,每行一条。按 Ctrl+Enter 判断。",
            persist_state="session",
        )
        with st.container(horizontal=True, vertical_alignment="center"):
            sent = st.form_submit_button("判断情感", type="primary", icon=":material/bolt:")
            whole = st.toggle("整段当作一条", key="single_whole", help="打开后,换行不再分成多条。")
            st.caption(f"模型:{say.escape(say.model(resources.chosen_model()))},可在「模型」页更换")
    if not sent:
        return []
    return _lines(typed or "", whole=whole, most=settings.api_max_texts)


def _lines(typed: str, *, whole: bool, most: int) -> list[str]:
    lines = [typed.strip()] if whole else [line.strip() for line in typed.splitlines()]
    lines = [line for line in lines if line]
    if not lines:
        st.warning("输入文本不能为空:请先写一句评论。", icon=":material/edit:")
    elif len(lines) > most:
        said = f"这里一次最多 {most:,} 条,收到 {len(lines):,} 条:更多请用「批量打标」。"
        st.warning(said, icon=":material/table_rows:")
        return []
    return lines


_EMOTION_HELP = "情绪学自微博,对商品评论只作参考。冒犯指针对地域、种族、性别等群体的攻击,不是一般的粗话。"


def _head(entry: history.Entry, review_below: float) -> None:
    """Draw label, confidence, review mark and model of one entry."""
    row = entry["row"]
    with st.container(horizontal=True, vertical_alignment="center"):
        say.label_badge(row.label)
        st.markdown(f"置信度 **{row.confidence:.1%}**")
        if row.needs_review:
            st.badge(f"需复核:置信度低于 {review_below:.0%}", color="yellow", icon=":material/rate_review:")
        if row.cut:
            st.badge("文本过长,末尾没有参与判断", color="yellow", icon=":material/content_cut:")
    if row.emotion >= 0:
        rude = "" if math.isnan(row.p_offensive) else f" · 冒犯 {row.p_offensive:.1%}"
        st.caption(f"情绪 {EMOTIONS[row.emotion]} {row.p_emotion:.1%}{rude}", help=_EMOTION_HELP)
    st.caption(f"{say.escape(say.model(entry['model']))} · 版本 {short_version(entry['version'])} · {entry['time']}")


def detail(entry: history.Entry, review_below: float) -> None:
    """Draw all details of one entry."""
    row = entry["row"]
    with st.container(border=True):
        if row.label < 0:
            st.warning(f"没有结果:{REASON_TITLES[Reason(row.reason)]}。", icon=":material/info:")
            return
        left, right = st.columns((2, 3), gap="large")
        with left:
            _head(entry, review_below)
            verdict.bars(row.probabilities, key="single_bars")
        with right:
            _words(entry)


def _words(entry: history.Entry) -> None:
    row = entry["row"]
    st.markdown("**哪些词起了作用**")
    if row.clean_text != row.text.strip():
        st.caption("下面是清洗后的文字:模型读的就是它。")
    if len(row.clean_text) > _EXPLAIN_CHARS:
        verdict.words(row.clean_text, (), row.label, key="single_words")
        st.caption(f"超过 {_EXPLAIN_CHARS} 个字符的文本不逐词解释。")
        return
    try:
        pieces = explain(row.clean_text, resources.backend(entry["model"]), LABELS[row.label])
    except TingfengError as exc:
        say.problem(exc)
        return
    verdict.words(row.clean_text, pieces, row.label, key="single_words")
    if not verdict.marks(pieces):
        st.caption("没有哪个词单独起作用:逐个去掉词语,判断都几乎不变。")
        return
    st.caption("底色越深,越支持这个判断;虚线表示起反作用。做法:逐个去掉词语,看胜算变化多少;指着词看概率的变化。")


def history_table(entries: Sequence[history.Entry]) -> int:
    """Draw the table of this session with its actions.

    Returns:
        Position of the entry to show above: the first selected, else the newest.
    """
    st.subheader(f"本次会话({len(entries):,} 条)", anchor=False)
    st.caption(_summary(entries) + "。只保存在这个网页里,关闭就没有了。点左侧方框选择,可看详情或删除。")
    event = st.dataframe(
        history.table(entries),
        key=history.table_key(),
        hide_index=True,
        height=min(420, _ROW * (len(entries) + 1) + 2),
        on_select="rerun",
        selection_mode="multi-row",
        placeholder="—",
        column_config=_COLUMNS,
    )
    selected = [i for i in event.selection.rows if i < len(entries)]
    _actions(entries, selected)
    return selected[0] if selected else 0


def _summary(entries: Sequence[history.Entry]) -> str:
    counts = Counter(entry["row"].label for entry in entries)
    parts = [f"{title} {counts[i]:,}" for i, title in enumerate(LABELS)]
    return " · ".join(parts + ([f"没有结果 {counts[-1]:,}"] if counts[-1] else []))


def _actions(entries: Sequence[history.Entry], selected: Sequence[int]) -> None:
    chosen = [entries[i] for i in selected] or list(entries)
    what = f"所选 {len(selected)} 条" if selected else "全部"
    with st.container(horizontal=True):
        for form, title in (("csv", "CSV"), ("xlsx", "Excel")):
            st.download_button(
                f"下载{what} {title}",
                data=partial(history.file, chosen, form),
                file_name=f"单句分析.{form}",
                on_click="ignore",
                icon=":material/download:",
                key=f"single_download_{form}",
            )
        with st.popover(f"复制{what}", icon=":material/content_copy:"):
            st.caption("点右上角的图标复制,可直接粘贴到 Excel。")
            table = history.table(chosen[:_COPY_ROWS])
            safe = table.assign(评论=table["评论"].map(neutralise))
            st.code(safe.to_csv(sep="\t", index=False), language=None, height=240)
        st.button(
            "删除所选",
            icon=":material/delete:",
            disabled=not selected,
            on_click=history.remove,
            args=(tuple(selected),),
            key="single_delete",
        )
        st.button("清空", icon=":material/delete_sweep:", on_click=history.clear, key="single_clear")


def undo_button() -> None:
    """Offer to restore what was last removed."""
    if history.can_undo():
        st.button("撤销删除", icon=":material/undo:", on_click=history.undo, key="single_undo_button")

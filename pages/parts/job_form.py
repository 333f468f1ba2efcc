"""A new job: files, their columns, labelling options, start."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.chart import short_name
from core.errors import TingfengError
from core.schema import Job, ModelInfo, TableSource
from core.settings import get_settings
from pages.parts import continuing, job_news, links, resources, say, start, table_form, uploads


def show() -> None:
    """Draw the whole form."""
    job_news.forget_known()
    earlier = continuing.show()
    uploads.show()
    files = uploads.files()
    if not files:
        return
    read = [(file["name"], table_form.show(file, opened=len(files) == 1)) for file in files]
    _start([table for _, tables in read for table in tables], [name for name, tables in read if not tables], earlier)


def _start(tables: Sequence[TableSource], left_out: Sequence[str], earlier: Job | None) -> None:
    settings = get_settings()
    ready = {model.name: model for model in resources.models() if model.ready}
    names = list(dict.fromkeys([resources.chosen_model(), *ready]))
    st.session_state.setdefault("batch_band", settings.neutral_band)
    if st.session_state.get("batch_model") not in names:  # the model of an earlier job that this machine no longer has
        st.session_state.pop("batch_model", None)
    with st.container(border=True):
        name_box, model_box, band_box, pii_box = st.columns((2.2, 2, 2, 1.8), vertical_alignment="bottom")
        name = name_box.text_input("任务名称", placeholder="不填就用文件名", max_chars=80, key="batch_name")
        model = model_box.selectbox("模型", names, format_func=_titles(ready).__getitem__, key="batch_model")
        band = band_box.slider(
            "中性带",
            0.0,
            0.9,
            step=0.05,
            key="batch_band",
            help="正面与负面的概率相差小于这个值的,记为中性。0 = 按模型的判断。只分正负两类的模型建议 0.2。",
        )
        with pii_box.container(gap="xxsmall"):
            mask = st.toggle("遮盖个人信息", key="batch_pii", help="手机号、身份证号、银行卡号、邮箱和 @昵称。")
            # a folder's abilities are known only once it is opened; if it lacks them, the error says what to do
            able = model not in ready or ready[model].emotions
            emotion = st.toggle(
                "判断情绪",
                key="batch_emotion",
                disabled=not able,
                help="再给出愤怒、悲伤、喜好等八类情绪和冒犯概率,几乎不多花时间。情绪学自微博,对商品评论只作参考。"
                if able
                else "这个模型不能判断情绪,请改用内置模型。",
            )
        with st.expander("自定义词语", key="batch_words_box"):
            typed = st.text_area(
                "不要拆开的词,每行一个,例如品牌和型号", key="batch_words", height=90, placeholder="禾雀 Air2"
            )
        if st.button("开始打标", type="primary", icon=":material/play_arrow:", key="batch_start", disabled=not tables):
            words = tuple(word.strip() for word in typed.splitlines() if word.strip())
            options = {"neutral_band": band, "mask_pii": mask, "emotion": emotion and able, "user_words": words}
            _go(tables, earlier, name=name.strip(), model=model, **options)
        if not tables:
            st.caption("至少要有一个选好评论列的表。")
        elif left_out:
            names = "、".join(say.escape(short_name(name)) for name in left_out)
            st.caption(f":material/warning: 只打标上面读好的 {len(tables)} 个表,不包括:{names}。")


def _titles(ready: dict[str, ModelInfo]) -> dict[str, str]:
    titles = {name: info.title for name, info in ready.items()}
    return {resources.chosen_model(): say.model(resources.chosen_model())} | titles


def _go(tables: Sequence[TableSource], earlier: Job | None, **options: object) -> None:
    try:
        with st.spinner("正在准备模型…"):
            whole = continuing.tables(earlier, tables)
            identity, before = start.start(whole, **options)  # type: ignore[arg-type]
            if before is None:
                continuing.carry(earlier, identity)
    except TingfengError as exc:
        say.problem(exc)
        return
    if before is not None:
        job_news.note_known(before)
    uploads.clear()
    links.open_job(identity)
    st.rerun()

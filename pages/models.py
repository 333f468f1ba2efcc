"""模型: which models there are, which one this session uses, how good the built-in one is."""

from __future__ import annotations

import streamlit as st

from core.settings import get_settings
from pages.parts import model_parts, resources

st.title("用哪个模型?")
chosen = resources.chosen_model()
default = get_settings().backend
st.caption("这里的选择用于本次会话的「单句分析」和「批量打标」;接口和命令行用设置里的默认模型。")

models = resources.models()
model_parts.in_use(models, chosen, default)
model_parts.table(models, chosen, default)
model_parts.folder_form(models, chosen)
model_parts.cards(models)
model_parts.details(models, chosen)

"""Labelled tables with planted topics and planted copies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from core.clean import segment, text_key
from core.jobs import job_id
from core.schema import Col, JobState
from core.store import Store
from tests.store.rows import labelled, spec

#: Complaints by story: subjects and faults.
STORIES = {
    "物流": (["快递", "物流", "包裹", "配送员"], ["迟到", "丢件", "压坏", "淋湿", "送错"]),
    "客服": (["客服", "售后", "人工", "热线"], ["推诿", "敷衍", "挂断", "冷漠", "占线"]),
    "电池": (["电池", "续航", "充电器", "插头"], ["鼓包", "掉电", "发烫", "虚标", "漏液"]),
}
COPY = "这款台灯买给儿子写作业用,光线柔和不刺眼,三档亮度都好使,底座也稳,用了一个多月没有任何毛病,值得推荐"


def complaints(n: int) -> list[str]:
    """n different complaints, cycling through the stories."""
    random = np.random.default_rng(2)
    names = list(STORIES)
    made = []
    for i in range(n):
        subjects, faults = STORIES[names[i % len(names)]]
        words = [
            f"{a}{b}" for a, b in zip(random.permutation(subjects)[:3], random.permutation(faults)[:3], strict=True)
        ]
        made.append(",".join(words) + f",第{i}次")
    return made


def table_of(texts: Sequence[str], **columns: Any) -> pd.DataFrame:
    """Labelled rows with these texts; other columns as given, by default all negative, without author or date."""
    frame = labelled(len(texts))
    frame[Col.TEXT] = frame[Col.CLEAN_TEXT] = list(texts)
    frame[Col.TEXT_KEY] = [text_key(text) for text in texts]
    frame[Col.TERMS] = segment(list(texts))
    frame[Col.LABEL] = np.int8(0)
    frame[Col.TIME] = pd.Series([pd.NaT] * len(texts), dtype="datetime64[us]")
    for name, values in columns.items():
        frame[name] = pd.Series(values, dtype=frame[name].dtype) if not np.isscalar(values) else values
    return frame


def stored(store: Store, frame: pd.DataFrame) -> str:
    """Store rows as a finished job; return its id."""
    identity = job_id(spec())
    if len(frame):
        store.chunks(identity).write(frame, first_row=0, facts={})
    store.catalogue.add(identity, spec(), chunk_rows=max(1, len(frame)), state=JobState.DONE)
    return identity

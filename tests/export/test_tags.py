"""Grade and reason tags as columns of an export."""

from __future__ import annotations

import csv
import io

import pytest

from core.export import FORMATS, export, headings
from core.schema import Col
from tests.store.rows import labelled

OWN = ("订单号", "评论")


def written(format_: str) -> bytes:
    out = io.BytesIO()
    frame = labelled(4).assign(**{Col.TAGS: ["差评:物流", "", "好评:=价格", ""]})
    assert export(iter([frame]), out, format=format_, original_columns=OWN, tags=True) == 4
    return out.getvalue()


def test_the_tags_stand_behind_all_other_columns() -> None:
    assert headings(["评论"], emotion=True, tags=True)[-3:] == ["冒犯概率", "评价", "原因标签"]
    assert headings(["评价"], tags=True)[-2:] == ["评价(听风)", "原因标签"]
    assert "评价" not in headings(["评论"])


def test_the_grade_is_the_label_in_a_shops_words_and_empty_where_there_is_none() -> None:
    rows = list(csv.reader(io.StringIO(written("csv").decode("utf-8-sig"))))
    assert [row[-2:] for row in rows] == [
        ["评价", "原因标签"],
        ["差评", "差评:物流"],
        ["中评", ""],
        ["好评", "好评:=价格"],
        ["", ""],
    ]


@pytest.mark.parametrize("format_", FORMATS)
def test_every_format_takes_them(format_: str) -> None:
    assert len(written(format_)) > 100

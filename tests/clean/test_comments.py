from __future__ import annotations

from datetime import datetime

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.clean import clean
from core.errors import InputError
from core.schema import COMMENT_COLUMNS, CleanOptions, Col, Mapping, Reason, Status, original
from tests.clean.chunks import REFERENCE, clean_rows, make_chunk

OPTIONS = CleanOptions(REFERENCE)
FULL = Mapping(("评论",), "时间", "平台", "商品", "评分", "用户", "编号")
COLUMNS = {
    "订单号": ["20240102030405123", "1"],
    "评论": ["太差了", "还行"],
    "时间": ["2024/1/2 3:04", "?"],
    "平台": [" 京东 ", ""],
    "商品": ["锅", ""],
    "评分": ["4.5", ""],
    "用户": ["小王", ""],
    "编号": ["900100\t", ""],
}


def test_columns_are_ours_and_then_the_files_own_in_order() -> None:
    frame = clean(make_chunk(COLUMNS), FULL, OPTIONS, first_row=0)
    assert tuple(frame.columns) == (*COMMENT_COLUMNS, *map(original, COLUMNS))


def test_dtypes_are_those_of_the_schema() -> None:
    frame = clean(make_chunk(COLUMNS), FULL, OPTIONS, first_row=0)
    kinds = {Col.ROW: "int64", Col.ROW_NUMBER: "int64", Col.TIME: "datetime64[us]", Col.RATING: "float32"}
    assert {name: str(frame[name].dtype) for name in COMMENT_COLUMNS if name != Col.TERMS} == {
        name: kinds.get(name, "str") for name in COMMENT_COLUMNS if name != Col.TERMS
    }


def test_terms_become_an_arrow_list_of_strings() -> None:
    frame = clean(make_chunk(COLUMNS), FULL, OPTIONS, first_row=0)
    assert pa.array(frame[Col.TERMS]).type == pa.list_(pa.string())


def test_roles_are_read_from_their_columns() -> None:
    row = clean(make_chunk(COLUMNS), FULL, OPTIONS, first_row=0).iloc[0]
    roles = [row[name] for name in (Col.TIME, Col.SOURCE, Col.PRODUCT, Col.RATING, Col.AUTHOR, Col.COMMENT_ID)]
    assert roles == [datetime(2024, 1, 2, 3, 4), "京东", "锅", 4.5, "小王", "900100"]


def test_empty_roles_are_empty_values_and_the_source_falls_back_to_the_tables() -> None:
    row = clean(make_chunk(COLUMNS, default_source="微博"), FULL, OPTIONS, first_row=0).iloc[1]
    assert row[Col.TIME] is pd.NaT
    assert np.isnan(row[Col.RATING])
    assert [row[name] for name in (Col.SOURCE, Col.PRODUCT, Col.AUTHOR, Col.COMMENT_ID)] == ["微博", "", "", ""]


def test_rows_are_numbered_through_the_job_and_as_in_the_file() -> None:
    frame = clean(make_chunk(COLUMNS), FULL, OPTIONS, first_row=4000)
    assert frame[Col.ROW].tolist() == [4000, 4001]
    assert frame[Col.ROW_NUMBER].tolist() == [2, 3]


def test_original_cells_come_back_untouched() -> None:
    frame = clean(make_chunk(COLUMNS), FULL, OPTIONS, first_row=0)
    assert {name: frame[original(name)].tolist() for name in COLUMNS} == COLUMNS


def test_several_text_columns_are_joined_without_empty_lines() -> None:
    chunk = make_chunk({"标题": ["好", "", ""], "正文": ["很好", "差", ""]})
    frame = clean(chunk, Mapping(text=("标题", "正文")), OPTIONS, first_row=0)
    assert frame[Col.TEXT].tolist() == ["好\n很好", "差", ""]
    assert frame[Col.CLEAN_TEXT].tolist() == ["好 很好", "差", ""]


def test_a_rejected_row_keeps_its_raw_cell_and_has_nothing_else() -> None:
    chunk = make_chunk(COLUMNS, reasons=["", Reason.BAD_JSON], default_source="微博")
    row = clean(chunk, FULL, OPTIONS, first_row=0).iloc[1]
    assert [row[name] for name in (Col.STATUS, Col.REASON)] == [Status.REJECTED, Reason.BAD_JSON]
    nothing = [row[name] for name in (Col.TEXT, Col.CLEAN_TEXT, Col.TEXT_KEY, Col.SOURCE, Col.TERMS)]
    assert nothing == ["", "", "", "", []]
    assert row[original("评论")] == "还行"


def test_equal_comments_in_different_dress_share_a_key() -> None:
    keys = clean_rows(["太差了!!!!!", "@客服 太差了!!!!!!!<br>", "太差了"])[Col.TEXT_KEY]
    assert keys[0] == keys[1] != keys[2]


def test_no_rows_give_no_rows_with_the_same_dtypes() -> None:
    some = clean(make_chunk(COLUMNS), FULL, OPTIONS, first_row=0)
    none = clean(make_chunk({name: [] for name in COLUMNS}), FULL, OPTIONS, first_row=0)
    assert len(none) == 0
    assert none.dtypes.equals(some.dtypes)


def test_a_mapping_to_a_missing_column_is_refused() -> None:
    with pytest.raises(InputError) as caught:
        clean(make_chunk(COLUMNS), Mapping(text=("内容",)), OPTIONS, first_row=0)
    assert caught.value.code == "C03"
    assert "内容" in caught.value.message


def test_masking_reaches_every_column_but_time_rating_and_id() -> None:
    phone = "13800138000"
    chunk = make_chunk({name: [phone] for name in COLUMNS})
    row = clean(chunk, FULL, CleanOptions(REFERENCE, mask_pii=True), first_row=0).iloc[0]
    kept = [name for name in COLUMNS if row[original(name)] == phone]
    assert kept == ["时间", "评分", "编号"]
    assert phone not in (row[Col.TEXT], row[Col.CLEAN_TEXT], row[Col.AUTHOR], row[Col.SOURCE], row[Col.PRODUCT])


def test_masking_replaces_the_author_as_a_whole() -> None:
    row = clean(make_chunk(COLUMNS), FULL, CleanOptions(REFERENCE, mask_pii=True), first_row=0).iloc[0]
    assert [row[Col.AUTHOR], row[original("用户")]] == ["〔用户〕", "〔用户〕"]


def test_masking_reaches_the_raw_line_of_a_rejected_row_in_an_unmasked_column() -> None:
    columns = {"编号": ["900100", '{"评论": 13800138000'], "评论": ["好", ""]}
    chunk = make_chunk(columns, reasons=["", Reason.BAD_JSON])
    mapping = Mapping(text=("评论",), comment_id="编号")
    frame = clean(chunk, mapping, CleanOptions(REFERENCE, mask_pii=True), first_row=0)
    assert frame[original("编号")].tolist() == ["900100", '{"评论": 〔手机号〕']


def test_unmasked_text_stays_as_written() -> None:
    assert clean_rows(["电话13800138000"])[Col.TEXT].tolist() == ["电话13800138000"]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=30), min_size=1, max_size=12),
    st.booleans(),
)
def test_any_text_comes_back_as_one_row_with_one_status(texts: list[str], mask_pii: bool) -> None:
    frame = clean_rows(texts, mask_pii=mask_pii)
    assert len(frame) == len(texts)
    pending = frame[Col.STATUS] == Status.PENDING
    assert (pending == (frame[Col.TEXT_KEY] != "")).all()
    assert (pending == (frame[Col.REASON] == "")).all()
    assert set(frame[Col.STATUS]) <= {Status.PENDING, Status.BLANK}


def test_rows_do_not_depend_on_their_neighbours() -> None:
    texts = ["太差了[怒]", "", "太差了[怒]", "https://t.cn/A", "好吃😋"]
    together = clean_rows(texts)
    for position, text in enumerate(texts):
        alone = clean_rows([text])
        for name in (Col.CLEAN_TEXT, Col.TEXT_KEY, Col.STATUS, Col.REASON, Col.TERMS):
            assert alone.loc[0, name] == together.loc[position, name]


def test_a_placeholder_in_one_of_several_text_columns_is_left_out() -> None:
    chunk = make_chunk({"优点": ["好用", "NULL", "无"], "缺点": ["无", "太贵", "N/A"]})
    frame = clean(chunk, Mapping(text=("优点", "缺点")), OPTIONS, first_row=0)
    assert frame[Col.CLEAN_TEXT].tolist() == ["好用", "太贵", ""]
    assert frame[Col.REASON].tolist() == ["", "", Reason.PLACEHOLDER]

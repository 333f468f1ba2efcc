"""Which rows were not judged for themselves, and why."""

from __future__ import annotations

from core.analyse import unscored
from core.schema import Col, Reason, Status


def test_each_row_is_listed_with_its_number_and_reason_in_file_order(table) -> None:  # type: ignore[no-untyped-def]
    rows = [
        {Col.STATUS: str(Status.SCORED)},
        {Col.STATUS: str(Status.DUPLICATE)},
        {Col.STATUS: str(Status.BLANK), Col.REASON: str(Reason.EMPTY), Col.LABEL: -1},
        {Col.STATUS: str(Status.REJECTED), Col.REASON: str(Reason.BAD_JSON), Col.LABEL: -1},
    ]
    found = unscored(table(rows))
    assert found["行号"].tolist() == [3, 4, 5]
    assert found["去向"].tolist() == ["重复", "空白", "无法读取"]
    assert found["原因"].tolist() == ["与前面某一行文字相同,沿用它的结果", "评论为空", "这一行不是合法的 JSON"]


def test_a_comment_exported_again_is_told_from_a_text_written_again(table) -> None:  # type: ignore[no-untyped-def]
    found = unscored(
        table([{}, *[{Col.STATUS: str(Status.DUPLICATE), Col.REEXPORTED: again} for again in (False, True)]])
    )
    assert found["去向"].tolist() == ["重复", "重复导出"]


def test_a_limit_keeps_the_first_rows(table) -> None:  # type: ignore[no-untyped-def]
    found = unscored(table([{Col.STATUS: str(Status.DUPLICATE)}] * 5), limit=2)
    assert found["行号"].tolist() == [2, 3]


def test_a_table_without_such_rows_gives_an_empty_list_with_the_same_columns(table) -> None:  # type: ignore[no-untyped-def]
    found = unscored(table([{}]))
    assert found.empty
    assert list(found.columns) == ["文件", "行号", "去向", "原因"]

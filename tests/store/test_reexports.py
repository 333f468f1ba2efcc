"""Which rows are a comment that stands before, exported again."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from core.clean import text_key
from core.schema import Col, JobState, Status
from core.store import Store
from tests.store.conftest import JOB
from tests.store.rows import labelled, spec

LONG = "等了两个小时才送到,汤洒了一半,客服还说不归他们管"


@pytest.fixture
def again(store: Store) -> Any:
    """Rows that name only what matters → the numbers of those that are a comment before them again."""

    def found(*rows: dict[str, Any]) -> list[int]:
        frame = labelled(len(rows))
        texts = [str(row.get("text", LONG)) for row in rows]
        frame[Col.TEXT] = frame[Col.CLEAN_TEXT] = texts
        frame[Col.TEXT_KEY] = [text_key(text) for text in texts]
        for name in (Col.COMMENT_ID, Col.AUTHOR, Col.PRODUCT):
            frame[name] = [row.get(name, "") for row in rows]
        frame[Col.TIME] = pd.to_datetime([row.get("time") for row in rows]).astype("datetime64[us]")
        seen = pd.Series(texts).duplicated()
        frame[Col.STATUS] = np.where(seen, str(Status.DUPLICATE), str(Status.SCORED))
        frame[Col.LABEL] = np.zeros(len(rows), np.int8)
        store.catalogue.add(JOB, spec(), chunk_rows=7, state=JobState.DONE)
        store.chunks(JOB).write(frame, first_row=0, facts={})
        table = store.table(JOB)
        try:
            return [int(row) for row in table.query("SELECT row FROM comments WHERE reexported ORDER BY 1")["row"]]
        finally:
            table.close()

    return found


def row(**known: Any) -> dict[str, Any]:
    return known


def test_the_same_id_and_text_is_the_same_comment(again: Any) -> None:
    assert again(row(comment_id="a1"), row(comment_id="a2"), row(comment_id="a1"), row(comment_id="a1")) == [2, 3]


def test_another_text_time_or_product_under_an_id_is_another_comment(again: Any) -> None:
    first = row(comment_id="a1", time="2026-03-01 10:00:05", product="汤面")
    others = [first | {"text": "追评:退款到了"}, first | {"time": "2026-03-09 10:00:05"}, first | {"product": "米饭"}]
    plain = row(comment_id="b2", text="不错")
    assert again(plain, plain, first, *others, first) == [1, 6]


def test_without_an_id_account_and_second_tell_the_same_comment(again: Any) -> None:
    said = row(author="小周", text="不好吃", time="2026-03-01 10:00:05")
    assert again(said, said | {"time": "2026-03-01 10:00:06"}, said | {"author": "小吴"}, said) == [3]


def test_within_a_minute_an_account_can_say_a_few_words_twice_but_no_long_text(again: Any) -> None:
    short = row(author="小周", text="在吗", time="2026-03-01 10:00")
    long = row(author="小周", time="2026-03-01 10:00")
    assert again(short, short, long, long) == [3]


@pytest.mark.parametrize("known", [row(time="2026-03-01"), row(), row(author="匿名用户", time="2026-03-01 10:00:05")])
def test_copies_are_no_reexports_where_nothing_tells_it(again: Any, known: dict[str, Any]) -> None:
    assert again({"author": "小周"} | known, {"author": "小周"} | known) == []


def test_numbers_that_begin_anew_in_each_file_tell_nothing(again: Any) -> None:
    week = ["太慢了", "不错", "还行吧", "很难吃"]
    other = ["挺好的", "不错", "没送到", "少了一份"]
    rows = [row(comment_id=str(i), text=text) for texts in (week, other) for i, text in enumerate(texts)]
    assert again(*rows) == []


def test_an_id_of_a_shop_tells_nothing(again: Any) -> None:
    texts = ["不错", "很好吃", "不错", "还行吧", "不错"]
    assert again(*(row(comment_id="店铺7", text=text) for text in texts)) == []


def test_a_correction_does_not_change_it(store: Store, again: Any) -> None:
    assert again(row(comment_id="a1"), row(comment_id="a1")) == [1]
    store.catalogue.correct(JOB, [0], 2)
    table = store.table(JOB)
    frame = table.query("SELECT reexported, label FROM comments ORDER BY row")
    assert frame.to_numpy().tolist() == [[False, 2], [True, 0]]
    table.close()


def test_rows_that_come_later_are_looked_at_too(store: Store) -> None:
    store.catalogue.add(JOB, spec(), chunk_rows=7, state=JobState.RUNNING)
    table = store.table(JOB)
    count = "SELECT count(*) AS n FROM comments WHERE reexported"
    rows = labelled(7).assign(**{Col.COMMENT_ID: [f"a{i}" for i in range(7)]})
    store.chunks(JOB).write(rows, first_row=0, facts={})
    assert table.query(count)["n"][0] == 0
    later = rows.assign(**{Col.ROW: np.arange(7, 14), Col.STATUS: str(Status.DUPLICATE)})
    store.chunks(JOB).write(later, first_row=7, facts={})
    assert table.query(count)["n"][0] == 6  # one of the seven is blank
    table.close()

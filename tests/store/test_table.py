from __future__ import annotations

import threading
from contextlib import closing

import pandas as pd
import pytest

from core.errors import StoreError
from core.schema import EMOTION_COLUMNS, LABELLED_COLUMNS, Col, JobState, Table, original
from core.store import LabelledTable, Store
from tests.store.conftest import JOB
from tests.store.rows import labelled, spec


def test_it_is_a_table_with_all_columns(table: LabelledTable) -> None:
    assert isinstance(table, Table)
    names = set(table.query("SELECT * FROM comments").columns)
    assert names == {
        *LABELLED_COLUMNS,
        *EMOTION_COLUMNS,
        Col.MODEL_LABEL,
        Col.CORRECTED,
        Col.REEXPORTED,
        original("订单号"),
        original("评论"),
    }
    assert table.original_columns == ("订单号", "评论")


def test_parameters_are_positional(table: LabelledTable) -> None:
    found = table.query("SELECT count(*) AS n FROM comments WHERE label = ? AND source = ?", [0, "微博"])
    assert found["n"].tolist() == [6]


def test_a_job_without_rows_has_an_empty_table(store: Store) -> None:
    store.catalogue.add(JOB, spec(), chunk_rows=7, state=JobState.QUEUED)
    table = store.table(JOB)
    assert table.query("SELECT * FROM comments").shape == (0, len(LABELLED_COLUMNS) + len(EMOTION_COLUMNS) + 3)
    assert table.original_columns == ()
    assert list(table.frames()) == []
    table.close()


def test_rows_stored_later_are_seen(store: Store, table: LabelledTable) -> None:
    assert table.query("SELECT count(*) AS n FROM comments")["n"][0] == 14
    store.chunks(JOB).write(labelled(7, first=14), first_row=14, facts={})
    assert table.query("SELECT count(*) AS n FROM comments")["n"][0] == 21
    store.chunks(JOB).compact()
    assert table.query("SELECT count(*) AS n FROM comments")["n"][0] == 21


def test_a_correction_stands_in_label_and_the_models_stays_beside_it(store: Store, table: LabelledTable) -> None:
    assert table.query("SELECT label FROM comments WHERE row = 1")["label"][0] == 1
    store.catalogue.correct(JOB, [1], 0, "反讽")
    row = table.query('SELECT * FROM comments WHERE "row" = 1').iloc[0]
    assert (row[Col.LABEL], row[Col.MODEL_LABEL], row[Col.CORRECTED], row[Col.NEEDS_REVIEW]) == (0, 1, True, False)
    store.catalogue.correct(JOB, [1], None)
    row = table.query('SELECT * FROM comments WHERE "row" = 1').iloc[0]
    assert (row[Col.LABEL], row[Col.CORRECTED], row[Col.NEEDS_REVIEW]) == (1, False, True)


def test_the_version_changes_with_rows_and_corrections_only(store: Store, table: LabelledTable) -> None:
    versions = [table.version, table.version]
    store.catalogue.correct(JOB, [1], 0)
    versions.append(table.version)
    store.chunks(JOB).write(labelled(7, first=14), first_row=14, facts={})
    versions.append(table.version)
    assert versions[0] == versions[1]
    assert len(set(versions)) == 3


def test_corrections_reach_exported_frames(store: Store, table: LabelledTable) -> None:
    store.catalogue.correct(JOB, [1, 8], 2)
    frame = pd.concat(table.frames(batch_rows=5))
    assert frame[Col.LABEL].tolist()[:3] == [0, 2, 2]
    assert not frame[Col.NEEDS_REVIEW].tolist()[8]
    assert len(frame) == 14


def test_frames_of_a_condition_come_in_row_order(store: Store, table: LabelledTable) -> None:
    frames = list(table.frames("label = ?", [0], columns=[Col.ROW, original("订单号")], batch_rows=4))
    assert [row for f in frames for row in f[Col.ROW]] == [0, 4, 6, 7, 11, 13]
    assert list(table.frames("label = 9")) == []


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM read_text('/etc/hostname')",
        "SELECT * FROM '/etc/passwd'",
        "COPY comments TO '/tmp/stolen.csv'",
        "DROP VIEW comments",
        "CREATE TABLE t AS SELECT 1",
        "ATTACH '/tmp/other.db'",
        "INSTALL httpfs",
        "SET enable_external_access = true",
        "SELECT 1; DROP VIEW comments",
        "SELECT nothing FROM comments",
        "no sql at all",
        "",
    ],
)
def test_it_can_neither_be_changed_nor_used_to_reach_another_file(table: LabelledTable, sql: str) -> None:
    with pytest.raises(StoreError, match=r"\[S0[46]\]"):
        table.query(sql)
    assert table.query("SELECT count(*) AS n FROM comments")["n"][0] == 14


def test_an_error_does_not_quote_the_values_of_the_table(table: LabelledTable) -> None:
    with pytest.raises(StoreError) as caught:
        table.query("SELECT text::INTEGER FROM comments")
    assert "物流" not in str(caught.value)


def test_many_threads_ask_at_once(store: Store, table: LabelledTable) -> None:
    problems: list[object] = []

    def ask(number: int) -> None:
        for _ in range(10):
            found = table.query("SELECT count(*) AS n FROM comments WHERE label = ?", [number % 3])["n"][0]
            if found != (6, 2, 4)[number % 3]:
                problems.append(found)

    threads = [threading.Thread(target=ask, args=(i,)) for i in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []


def test_odd_names_of_columns_and_folders_are_quoted(tmp_path_factory: pytest.TempPathFactory) -> None:
    store = Store(tmp_path_factory.mktemp('it\'s "here"'))
    store.catalogue.add(JOB, spec(), chunk_rows=7, state=JobState.DONE)
    odd = "a\"b'c;--"
    for first in (0, 2):
        store.chunks(JOB).write(labelled(2, first=first, own=(odd,)), first_row=first, facts={})
    table = store.table(JOB)
    assert table.original_columns == (odd,)
    assert len(table.query("SELECT * FROM comments")) == 4
    table.close()
    store.close()


def test_the_table_of_no_job_is_refused(store: Store) -> None:
    for name in ("feedfeedfeed", "../../etc", ""):
        with pytest.raises(StoreError, match=r"\[S05\]"):
            store.table(name)


def test_a_job_deleted_by_another_process_is_said_to_be_gone_and_not_shown_as_empty(
    store: Store, table: LabelledTable
) -> None:
    assert len(table.query("SELECT * FROM comments")) == 14
    with closing(Store(store.folder)) as other:
        other.delete(JOB)
    with pytest.raises(StoreError, match=r"\[S05\]"):
        table.query("SELECT * FROM comments")
    with pytest.raises(StoreError, match=r"\[S05\]"):
        list(table.frames())

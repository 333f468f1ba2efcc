"""Two weekly exports that overlap: a comment that stands in both counts once, everywhere, and it is said."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from core.analyse import aspects, choices, keywords, overview, trend, unscored
from core.commands import main
from core.derive import Floods, Mentions, derive
from core.mine.aspects import Aspect, Pack
from core.schema import Filter
from core.store import LabelledTable, Store, open_store
from tests import talks
from tests.derive.stories import COPY, stored, table_of
from tests.jobs_kit import Rule

pytestmark = pytest.mark.usefixtures("own_data_folder")

HEADER = ["评论ID", "评论时间", "昵称", "商品", "评论内容"]
COMMENTS = [
    [f"88{i:06d}", f"2026-03-{1 + i // 4:02d} {9 + i % 4}:15:{i % 60:02d}", f"用户{i}", "热干面",
     "难吃,退款" if i % 3 == 0 else "很好吃"]
    for i in range(56)
]  # fmt: skip
WEEKS = COMMENTS[:36], COMMENTS[20:]
AGAIN = 16
REPEATED = ["scored", *["duplicate"] * 3]


@pytest.fixture
def weeks(tmp_path: Path) -> list[str]:
    """Two exports of 36 comments that have 16 in common."""
    names = []
    for i, lines in enumerate(WEEKS):
        path = tmp_path / f"第{i + 1}周.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([HEADER, *lines])
        names.append(str(path))
    return names


@pytest.fixture
def table(weeks: list[str], model: str, capsys: pytest.CaptureFixture[str]) -> Iterator[LabelledTable]:
    """The two exports as one labelled table."""
    store = open_store()
    opened = store.table(str(label(weeks, model, capsys)["job"]))
    yield opened
    opened.close()
    store.close()


def label(names: list[str], model: str, capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    assert main(["label", *names, "-o", "out.csv", "--backend", model, "--json"]) == 0
    report: dict[str, object] = json.loads(capsys.readouterr().out)
    return report


def test_the_report_counts_them_and_every_row_comes_back(
    weeks: list[str], model: str, capsys: pytest.CaptureFixture[str]
) -> None:
    report = label(weeks, model, capsys)
    assert (report["rows_in"], report["reexported"]) == (72, AGAIN)
    assert len(pd.read_csv("out.csv")) == 72


def test_every_figure_counts_a_comment_once_unless_all_rows_are_asked_for(table: LabelledTable) -> None:
    assert (overview(table, Filter()).now.n, overview(table, Filter(reexported=True)).now.n) == (56, 72)
    assert {bucket.n for bucket in trend(table, Filter(), None).buckets} == {4}
    assert (choices(table).n, choices(table).reexported) == (56, AGAIN)
    assert keywords(table, Filter()).n == 56
    assert (unscored(table)["去向"] == "重复导出").sum() == AGAIN


def test_what_is_said_of_an_aspect_counts_a_comment_once(table: LabelledTable) -> None:
    pack = Pack("小", (Aspect("味道", ("难吃", "好吃")),))
    recipe = Mentions((pack,), Rule().version, Rule, found=False)
    store = open_store()
    view = derive(store.catalogue.jobs()[0].id, recipe, store=store, table=table)
    once, every = (aspects(table, chosen, view=view, pack="") for chosen in (Filter(), Filter(reexported=True)))
    assert (once.n, every.n) == (56, 72)
    assert (once.mentioning.count, every.mentioning.count) == (56, 72)
    store.close()


def test_a_comment_exported_three_times_is_no_group_of_copies(store: Store) -> None:
    once = table_of([COPY], author="小周", comment_id="88001")
    job = stored(store, pd.concat([once, once, once, once], ignore_index=True).assign(row=range(4), status=REPEATED))
    view = derive(job, Floods(), store=store, table=store.table(job))
    assert (store.derived(job).facts(view) or {})["comments"] == 1


def test_an_analysis_says_how_many_rows_it_counts_once(
    weeks: list[str], model: str, capsys: pytest.CaptureFixture[str]
) -> None:
    job = str(label(weeks, model, capsys)["job"])
    for target in (job, "out.csv"):
        assert main(["analyse", "trend", target, "-o", "trend.csv"]) == 0
        assert f"{AGAIN} 行是同一条评论的重复导出,只算一次" in capsys.readouterr().err
        found = pd.read_csv(io.BytesIO(Path("trend.csv").read_bytes()))
        assert found["评论数"].sum() == 56


def test_a_dialogue_in_two_exports_has_its_turns_once(tmp_path: Path) -> None:
    first = talks.write_turns(tmp_path / "in.csv")
    text = first.read_text("utf-8-sig")
    header, *lines = text.splitlines()
    first.write_text("\n".join([header, *lines, *lines]) + "\n", "utf-8")
    assert main(["analyse", "dialogue", str(first), "-o", "twice.csv"]) == 0
    first.write_text(text, "utf-8")
    assert main(["analyse", "dialogue", str(first), "-o", "once.csv"]) == 0
    assert Path("twice.csv").read_bytes() == Path("once.csv").read_bytes()

"""``python -m core analyse topics`` and ``… floods``: what they write."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pandas as pd
import pytest

from core.commands import main
from tests.derive.stories import COPY, complaints

TOPICS = ["话题", "名称", "条数", "占比", "下限", "上限", "稳定性", "突出的词", "典型评论行号", "典型评论"]
ROWS = ["文件", "行号", "话题", "名称", "贴合度"]
FLOODS = ["组号", "行号", "作者", "时间", "文本", "组大小", "理由"]
N, COPIES = 90, 6


@pytest.fixture(autouse=True)
def table(own_data_folder: Path) -> None:
    texts = [*complaints(N), *[COPY] * COPIES, "=1+1,好评"]
    lines = [[f"2026-03-{1 + i // 8:02d} 10:{i % 60:02d}", f"用户{i}", text] for i, text in enumerate(texts)]
    with (own_data_folder / "in.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["时间", "昵称", "内容"], *lines])


def read(out: str) -> pd.DataFrame:
    raw = Path(out).read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    return pd.read_csv(io.BytesIO(raw), keep_default_na=False)


def test_topics_are_one_row_each_and_their_comments_another_table(model: str) -> None:
    common = ["--text", "内容", "--backend", model, "--label", "all"]
    assert main(["analyse", "topics", "in.csv", *common, "--k", "3", "-o", "out.csv", "--rows", "rows.csv"]) == 0
    found, rows = read("out.csv"), read("rows.csv")
    assert list(found.columns) == TOPICS
    assert list(rows.columns) == ROWS
    assert found["名称"].iloc[-1] == "其他"
    assert found["条数"].sum() == len(rows) == N + COPIES + 1
    counted = rows["话题"].value_counts()
    assert all(counted.get(row.话题, 0) == row.条数 for row in found.itertuples())
    assert ((found["下限"] <= found["占比"]) & (found["占比"] <= found["上限"])).all()
    first = found.iloc[0]
    text = rows.set_index("行号").loc[int(str(first["典型评论行号"]).split("、")[0])]
    assert text["话题"] == first["话题"]


def test_topics_of_comments_that_no_label_has_are_an_empty_table(
    model: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("one.csv").write_text("内容\n还行\n", "utf-8")
    assert main(["analyse", "topics", "one.csv", "--text", "内容", "--backend", model, "-o", "out.csv"]) == 0
    assert list(read("out.csv").columns) == TOPICS
    assert "分不出话题" in capsys.readouterr().err


def test_a_number_of_topics_that_cannot_be_is_refused(model: str, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["--text", "内容", "--backend", model, "--k", "1", "-o", "out.csv"]
    assert main(["analyse", "topics", "in.csv", *asked]) == 2
    assert "[N12]" in capsys.readouterr().err


def test_floods_are_one_row_a_comment_with_group_and_reason(model: str) -> None:
    asked = ["--text", "内容", "--author", "昵称", "--time", "时间", "--backend", model, "-o", "out.csv"]
    assert main(["analyse", "floods", "in.csv", *asked]) == 0
    found = read("out.csv")
    assert list(found.columns) == FLOODS
    assert found["行号"].tolist() == list(range(N + 2, N + 2 + COPIES))
    assert found["作者"].tolist() == [f"用户{i}" for i in range(N, N + COPIES)]
    assert set(found["文本"]) == {COPY}
    assert set(found["组大小"]) == {COPIES}
    assert found["理由"].str.startswith("疑似:6 条文字完全相同,来自 6 个昵称").all()


def test_a_file_without_copies_gives_an_empty_table(model: str) -> None:
    Path("clean.csv").write_text("内容\n还行\n好评\n", "utf-8")
    assert main(["analyse", "floods", "clean.csv", "--text", "内容", "--backend", model, "-o", "out.csv"]) == 0
    assert read("out.csv").empty
    assert list(read("out.csv").columns) == FLOODS

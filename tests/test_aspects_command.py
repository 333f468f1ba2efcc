"""``analyse aspects``, ``analyse tags`` and ``label --tags``."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pandas as pd
import pytest

from core.commands import main

COLUMNS = ["行号", "方面", "极性", "片段", "概率"]
COMMENTS = ("物流差评,但是质量很好", "", "今天晴", "卖家很好,尺码差评", "物流差评,但是质量很好")


@pytest.fixture(autouse=True)
def table(own_data_folder: Path) -> None:
    with (own_data_folder / "in.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["编号", "内容"], *([str(i), text] for i, text in enumerate(COMMENTS))])


def read(out: str) -> pd.DataFrame:
    raw = Path(out).read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    return pd.read_csv(io.BytesIO(raw), keep_default_na=False)


def analyse(name: str, source: str, out: str, *more: str) -> pd.DataFrame:
    assert main(["analyse", name, source, "-o", out, *more]) == 0
    return read(out)


def test_a_row_a_mention_with_the_row_of_the_file_and_a_verbatim_piece(model: str) -> None:
    found = analyse("aspects", "in.csv", "out.csv", "--text", "内容", "--pack", "电商", "--backend", model)
    assert list(found.columns) == COLUMNS
    said = found[["行号", "方面", "片段"]].to_numpy().tolist()
    delivery = [["物流", "物流差评"], ["质量", "但是质量很好"]]
    service = [["客服与售后", "卖家很好"], ["尺码与大小", "尺码差评"]]
    assert said == [[2, *one] for one in delivery] + [[5, *one] for one in service] + [[6, *one] for one in delivery]
    assert set(found["极性"]) <= {"负面", "中性", "正面"}
    assert found["概率"].between(1 / 3, 1).all()
    assert all(row.片段 in COMMENTS[row.行号 - 2] for row in found.itertuples())


def test_without_a_pack_the_comments_choose_it_and_it_is_said(model: str, capsys: pytest.CaptureFixture[str]) -> None:
    found = analyse("aspects", "in.csv", "out.csv", "--text", "内容", "--backend", model)
    assert "词库「电商」(把握" in capsys.readouterr().err
    assert set(found["方面"]) == {"物流", "质量", "客服与售后", "尺码与大小"}


def test_a_pack_that_does_not_exist_is_said_with_its_code(model: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        main(["analyse", "aspects", "in.csv", "--text", "内容", "-o", "o.csv", "--pack", "火星", "--backend", model])
        == 2
    )
    assert capsys.readouterr().err.splitlines()[-1].startswith("[N20] ")


def test_tags_grade_each_comment_and_name_the_reasons(model: str) -> None:
    found = analyse("tags", "in.csv", "out.csv", "--text", "内容", "--pack", "电商", "--backend", model)
    assert list(found.columns) == ["行号", "评价", "原因标签"]
    assert found["行号"].tolist() == [2, 4, 5, 6]
    assert set(found["评价"]) <= {"好评", "中评", "差评"}
    assert found["原因标签"].iloc[0] == "差评:物流;好评:质量"
    assert found["原因标签"].iloc[0] == found["原因标签"].iloc[3]


def test_label_adds_the_tags_behind_all_other_columns_and_the_same_ones_again(model: str) -> None:
    options = ["--text", "内容", "--backend", model, "--tags", "--pack", "电商"]
    assert main(["label", "in.csv", "-o", "first.csv", *options]) == 0
    assert main(["label", "in.csv", "-o", "second.csv", *options, "--fresh"]) == 0
    assert Path("first.csv").read_bytes() == Path("second.csv").read_bytes()
    found = read("first.csv")
    assert list(found.columns)[-2:] == ["评价", "原因标签"]
    assert found["评价"].iloc[1] == ""
    tags = analyse("tags", "in.csv", "tags.csv", "--text", "内容", "--pack", "电商", "--backend", model)
    assert tags["原因标签"].tolist() == found["原因标签"].iloc[[0, 2, 3, 4]].tolist()


def test_label_without_the_switch_stays_as_it_was(model: str) -> None:
    assert main(["label", "in.csv", "-o", "plain.csv", "--text", "内容", "--backend", model]) == 0
    assert "评价" not in read("plain.csv").columns

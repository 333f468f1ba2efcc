"""``python -m core analyse``: what it takes and what it writes."""

from __future__ import annotations

import csv
import io
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.commands import main
from core.schema import EXPORT_COLUMNS
from core.store import open_store

TREND = ["日期", "评论数", "负面数", "负面占比", "下限", "上限", "异常", "说明"]
KEYWORDS = ["词", "负面次数", "正面次数", "z"]
DAYS, BURST = 40, range(30, 33)
START = datetime(2026, 3, 2)


pytestmark = pytest.mark.usefixtures("own_data_folder")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Forty days of 30 comments; for three days most are bad and speak of 退款."""
    random = np.random.default_rng(5)
    lines = []
    for day in range(DAYS):
        for i in range(30):
            bad = random.random() < (0.8 if day in BURST else 0.2)
            # a text of its own for each row, so that no row answers for another
            text = f"第{day}天第{i}单" + (("难吃,退款" if day in BURST else "难吃") if bad else "很好")
            lines.append([f"{START + timedelta(day, hours=9 + i % 8):%Y-%m-%d %H:%M}", ("微博", "京东")[i % 2], text])
    path = tmp_path / "in.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["时间", "平台", "内容"], *lines])
    return path


def analyse(*arguments: str) -> int:
    return main(["analyse", *arguments])


def trend(source: Path | str, out: str, *more: str) -> pd.DataFrame:
    assert analyse("trend", str(source), "-o", out, *more) == 0
    return read(out)


def read(out: str) -> pd.DataFrame:
    raw = Path(out).read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    return pd.read_csv(io.BytesIO(raw), keep_default_na=False)


def test_a_raw_file_gives_days_with_intervals_and_the_planted_burst(source: Path, model: str) -> None:
    found = trend(source, "out.csv", "--text", "内容", "--time", "时间", "--backend", model)
    assert list(found.columns) == TREND
    assert found["日期"].tolist() == [f"{START + timedelta(i):%Y-%m-%d}" for i in range(DAYS)]
    assert (found["评论数"] == 30).all()
    assert (found["负面占比"] - found["负面数"] / found["评论数"]).abs().max() < 1e-4
    assert ((found["下限"] <= found["负面占比"]) & (found["负面占比"] <= found["上限"])).all()
    assert set(BURST) <= set(np.flatnonzero(found["异常"]))
    assert found["异常"].sum() <= len(BURST) + 1


def test_what_is_abnormal_is_explained_with_numbers_and_what_is_normal_is_not(source: Path, model: str) -> None:
    found = trend(source, "out.csv", "--text", "内容", "--time", "时间", "--backend", model)
    assert (found.loc[found["异常"] == 0, "说明"] == "").all()
    said = found.loc[30, "说明"]
    assert f"({found.loc[30, '负面数']}/30 条)" in said
    assert "各来源和商品内部也升高了" in said
    assert "退款" in said
    assert "典型的负面评论:第 " in said


def test_a_second_run_scores_nothing(source: Path, model: str) -> None:
    again = ["--text", "内容", "--time", "时间", "--backend", model]
    first = trend(source, "a.csv", *again)
    store = open_store()
    (job,) = store.catalogue.jobs()
    store.close()
    assert first.equals(trend(source, "b.csv", *again))
    store = open_store()
    assert [(one.id, one.updated) for one in store.catalogue.jobs()] == [(job.id, job.updated)]
    store.close()


def test_it_goes_on_from_what_label_made(source: Path, model: str) -> None:
    options = ["--text", "内容", "--time", "时间", "--backend", model]
    assert main(["label", str(source), "-o", "labelled.csv", *options]) == 0
    trend(source, "out.csv", *options)
    store = open_store()
    assert len(store.catalogue.jobs()) == 1
    store.close()


def test_a_job_is_analysed_by_its_id(source: Path, model: str) -> None:
    options = ["--text", "内容", "--time", "时间", "--backend", model]
    by_file = trend(source, "a.csv", *options)
    store = open_store()
    (job,) = store.catalogue.jobs()
    store.close()
    assert by_file.equals(trend(job.id, "b.csv"))


@pytest.mark.parametrize("ending", ["csv", "xlsx", "parquet", "jsonl"])
def test_a_labelled_file_is_taken_at_its_word(source: Path, model: str, ending: str) -> None:
    options = ["--text", "内容", "--time", "时间"]
    raw = trend(source, "a.csv", *options, "--backend", model)
    assert main(["label", str(source), "-o", f"labelled.{ending}", *options, "--backend", model]) == 0
    # a model that is not there: nothing may be scored
    same = trend(f"labelled.{ending}", "b.csv", *options, "--backend", "no-such-model")
    pd.testing.assert_frame_equal(same[TREND[:-1]], raw[TREND[:-1]])


def test_labels_that_a_person_changed_in_the_file_count(source: Path, model: str) -> None:
    assert (
        main(["label", str(source), "-o", "labelled.csv", "--text", "内容", "--time", "时间", "--backend", model]) == 0
    )
    rows = pd.read_csv("labelled.csv", dtype=str, keep_default_na=False)
    rows.loc[:29, "情感"] = "负面"
    rows.loc[29, "情感"] = "不知道"
    rows.to_csv("changed.csv", index=False)
    found = trend("changed.csv", "out.csv", "--text", "内容", "--time", "时间")
    assert (found.loc[0, "负面数"], found.loc[0, "评论数"]) == (29, 29)


def test_our_columns_are_found_beside_ones_of_the_same_name(source: Path, model: str) -> None:
    rows = pd.read_csv(source, dtype=str)
    rows.assign(情感="正面").to_csv("own.csv", index=False)
    options = ["--text", "内容", "--time", "时间"]
    assert main(["label", "own.csv", "-o", "labelled.csv", *options, "--backend", model]) == 0
    assert EXPORT_COLUMNS[0] + "(听风)" in Path("labelled.csv").read_text("utf-8-sig").splitlines()[0]
    assert trend("labelled.csv", "out.csv", *options)["负面数"].sum() > 0


@pytest.mark.parametrize(("step", "rows"), [("week", 6), ("hour", (DAYS - 1) * 24 + 8)])
def test_the_step_can_be_chosen(source: Path, model: str, step: str, rows: int) -> None:
    found = trend(source, "out.csv", "--text", "内容", "--time", "时间", "--backend", model, "--freq", step)
    assert len(found) == rows
    assert found["评论数"].sum() == DAYS * 30
    assert (found.loc[found["评论数"] == 0, "负面占比"].astype(str) == "").all()


def test_keywords_are_ranked_and_formulas_are_disarmed(tmp_path: Path, model: str) -> None:
    lines = ["难吃 -_-"] * 9 + ["很好,喜欢"] * 9
    (tmp_path / "in.csv").write_text("内容\n" + "\n".join(f'"{i} {line}"' for i, line in enumerate(lines)), "utf-8")
    assert analyse("keywords", "in.csv", "--text", "内容", "-o", "out.csv", "--backend", model) == 0
    found = read("out.csv")
    assert list(found.columns) == KEYWORDS
    assert found["z"].is_monotonic_decreasing
    assert found.set_index("词").loc["难吃", ["负面次数", "正面次数"]].tolist() == [9, 0]
    assert not found["词"].str.startswith(("=", "+", "-", "@")).any()


COMPARE = ["组", "评论数", "声量占比", "负面数", "负面占比", "下限", "上限", "与其余之差", "差下限", "差上限", "p校正"]


def test_groups_stand_side_by_side_with_voice_and_difference(source: Path, model: str) -> None:
    options = ["--text", "内容", "--time", "时间", "--backend", model, "--by", "平台"]
    assert analyse("compare", str(source), "-o", "out.csv", *options) == 0
    found = read("out.csv")
    assert list(found.columns)[: len(COMPARE)] == COMPARE
    assert found["组"].tolist() == ["京东", "微博"]
    assert found["声量占比"].tolist() == [0.5, 0.5]
    assert (found["差下限"] <= found["与其余之差"]).all()
    assert found["与其余之差"].sum() == pytest.approx(0, abs=1e-3)


def test_groups_can_be_held_against_one_of_them(source: Path, model: str) -> None:
    options = ["--text", "内容", "--time", "时间", "--backend", model, "--against", "京东"]
    assert analyse("compare", str(source), "-o", "out.csv", *options) == 0
    found = read("out.csv").set_index("组")
    assert found.loc["京东", "与对照组之差"] == ""
    assert found.loc["微博", "p校正"] != ""


def test_keywords_hold_phrases_unless_they_are_not_wanted(tmp_path: Path, model: str) -> None:
    # in two orders: if all said 物流慢难吃, that would stand for 物流慢
    lines = [f"第{i}单{('物流慢难吃', '难吃 物流慢')[i % 2]}" for i in range(30)] + [
        f"第{i}单很好喜欢" for i in range(30)
    ]
    (tmp_path / "in.csv").write_text("内容\n" + "\n".join(lines), "utf-8")
    options = ["keywords", "in.csv", "--text", "内容", "--backend", model, "-o", "out.csv"]
    assert analyse(*options) == 0
    assert "物流慢" in set(read("out.csv")["词"])
    assert analyse(*options, "--no-phrases") == 0
    assert not {"物流慢"} & set(read("out.csv")["词"])


def test_keywords_of_two_periods_and_own_synonyms(source: Path, model: str, tmp_path: Path) -> None:
    (tmp_path / "same.txt").write_text("退钱 退款\n", "utf-8")
    options = ["--text", "内容", "--time", "时间", "--backend", model, "--synonyms-file", "same.txt", "--by", "时段"]
    periods = ["--first", "2026-04-01~2026-04-03", "--second", "2026-03-02~2026-03-31"]
    assert analyse("keywords", str(source), "-o", "out.csv", *options, *periods) == 0
    found = read("out.csv")
    assert list(found.columns) == ["词", "甲次数", "乙次数", "z"]
    refund = found.set_index("词").loc["退钱"]
    assert refund["甲次数"] > 50
    assert refund["乙次数"] == 0
    assert refund["z"] > 3


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["trend", "in.csv", "--text", "内容", "-o", "out.xlsx"], "E01"),
        (["trend", "in.csv", "--text", "内容", "-o", "no/out.csv"], "E02"),
        (["trend", "in.csv", "--text", "内容", "-o", "in.csv"], "E05"),
        (["trend", "in.csv", "--text", "没有", "-o", "out.csv"], "R04"),
        (["trend", "gone.csv", "--text", "内容", "-o", "out.csv"], "R01"),
        (["trend", "feedfeedfeedfeedfeedfeed", "-o", "out.csv"], "J04"),
        (["trend", "undated.csv", "--text", "内容", "-o", "out.csv"], "N05"),
        (["dance", "in.csv", "-o", "out.csv"], "I03"),
        (["trend", "in.csv", "-o", "out.csv", "--freq", "year"], "I03"),
        (["trend", "in.csv"], "I03"),
        (["compare", "in.csv", "-o", "out.csv", "--text", "内容", "--by", "没有"], "N03"),
        (["compare", "in.csv", "-o", "out.csv", "--text", "内容", "--by", "平台", "--against", "没有"], "N07"),
        (["keywords", "in.csv", "-o", "out.csv", "--text", "内容", "--by", "平台"], "I03"),
        (["keywords", "in.csv", "-o", "out.csv", "--text", "内容", "--by", "月份", "--first", "三月"], "N07"),
        (["keywords", "in.csv", "-o", "out.csv", "--text", "内容", "--by", "时段", "--first", "三月"], "N02"),
        (["keywords", "in.csv", "-o", "out.csv", "--text", "内容", "--synonyms-file", "gone.txt"], "N08"),
    ],
)
def test_what_a_person_can_set_right_is_said_with_a_code(
    source: Path, model: str, capsys: pytest.CaptureFixture[str], arguments: list[str], code: str
) -> None:
    source.with_name("undated.csv").write_text("编号,内容\n1,很好\n2,难吃\n", "utf-8")
    assert analyse(*arguments, "--backend", model) == 2
    assert capsys.readouterr().err.splitlines()[-1].startswith(f"[{code}] ")
    assert not Path("out.csv").exists()


def test_an_export_of_tables_with_other_columns_is_counted_whole(
    source: Path, model: str, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = "".join(f"2026-08-0{1 + i},又断连了{i},差\n" for i in range(5))
    Path("other.csv").write_text("发布于,正文内容,备注\n" + lines + "2026-08-09,,\n", encoding="utf-8")
    assert main(["label", str(source), "other.csv", "-o", "both.csv", "--backend", model]) == 0
    own = len(pd.read_csv(source))
    capsys.readouterr()
    assert trend("both.csv", "out.csv")["评论数"].sum() == own + 5
    assert "1 行没有可分析的评论,不计入" in capsys.readouterr().err


def test_a_day_that_only_copies_make_look_abnormal_says_so(source: Path, model: str) -> None:
    day = START + timedelta(20)
    again = [f"{day:%Y-%m-%d 12:00}", "微博", "这家店的外卖难吃,等了一个小时还送错了,大家千万别点"]
    with source.open("a", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([again] * 60)
    found = trend(source, "out.csv", "--text", "内容", "--time", "时间", "--backend", model)
    (line,) = found[found["日期"] == f"{day:%Y-%m-%d}"].to_dict("records")
    assert line["负面数"] > 60
    assert (line["异常"], line["说明"]) == (
        0,
        "看上去异常,只因有的文字反复出现;重复的文字只算一次,就在正常范围内。",
    )
    # the burst that many people wrote about stays
    assert found["异常"].sum() >= 3

"""舆情看板 says what was abnormal, why, and leads to its comments."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pages.parts import episodes
from tests.pages import made

Page = Callable[..., AppTest]


def rows(bad_days: range) -> list[tuple[str, ...]]:
    """Forty days of twenty comments, one in five bad, on some days most."""
    lines = []
    for day in range(40):
        for i in range(20):
            bad = i % 5 > 0 if day in bad_days else i % 5 == 0
            complaint = "断连了,太差了" + ",退货" * (day in bad_days)
            text = f"第{day}天{i}号" + (complaint if bad else "音质很好,非常喜欢")
            time = f"2026-{8 + day // 30:02d}-{day % 30 + 1:02d} 10:{i:02d}:00"
            lines.append((str(10**17 + 20 * day + i), time, ("微博", "京东")[i % 2], "耳机", "", text))
    return lines


@pytest.fixture
def job(data_dir: Path, tmp_path: Path) -> str:
    return made.labelled(made.write(tmp_path / "a.csv", rows(range(30, 32)))).id


def lines(at: AppTest) -> list[str]:
    """The lines as they are shown, without the escapes of Markdown."""
    said = [caption.value.replace("\\", "") for caption in at.caption]
    return [line for line in said if "高于预期" in line]


def test_an_abnormal_stretch_is_one_line_with_its_reason(page: Page, job: str) -> None:
    at = page("dashboard.py", job=job, freq="day")
    assert not at.exception
    (line,) = lines(at)
    assert "2026-09-01 至 2026-09-02" in line
    assert "各来源和商品内部也升高了" in line
    assert "退货(32 条,平时没有)" in line


def test_of_very_many_comments_the_reason_comes_when_asked_for(
    page: Page, job: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(episodes, "ASK_FROM_ROWS", 100)
    at = page("dashboard.py", job=job, freq="day")
    (line,) = lines(at)
    assert "各来源和商品内部也升高了" not in line
    at.button(key="why_2026-09-01T00:00:00").click().run()
    (line,) = lines(at)
    assert "各来源和商品内部也升高了" in line


def test_its_button_sets_the_mark_to_its_days(page: Page, job: str) -> None:
    at = page("dashboard.py", job=job, freq="day")
    at.button(key="episode_2026-09-01T00:00:00").click().run()
    assert not at.exception
    assert (at.query_params["at.from"], at.query_params["at.to"]) == ("2026-09-01", "2026-09-02")
    assert any(heading.value == "评论原文 · 40 条" for heading in at.subheader)


def test_it_follows_the_filter_in_force(page: Page, job: str) -> None:
    at = page("dashboard.py", job=job, freq="day", to="2026-08-30")
    assert not at.exception
    assert lines(at) == []


def test_nothing_abnormal_takes_no_room(page: Page, data_dir: Path, tmp_path: Path) -> None:
    quiet = made.labelled(made.write(tmp_path / "quiet.csv", rows(range(0)))).id
    at = page("dashboard.py", job=quiet, freq="day")
    assert not at.exception
    assert lines(at) == []
    assert not [button for button in at.button if (button.key or "").startswith("episode_")]


def test_where_weeks_are_shown_days_are_watched(page: Page, data_dir: Path, tmp_path: Path) -> None:
    lines = []
    for day in range(70):
        for i in range(6):
            text = f"第{day}天{i}号" + ("断连了,太差了" if i < (4 if 35 <= day < 49 else 2) else "音质很好,非常喜欢")
            time = f"2026-{8 + day // 30:02d}-{day % 30 + 1:02d} 10:{i:02d}:00"
            lines.append((str(10**17 + 6 * day + i), time, "微博", "耳机", "", text))
    weekly = made.labelled(made.write(tmp_path / "b.csv", lines)).id
    said = [caption.value.replace("\\", "") for caption in page("dashboard.py", job=weekly).caption]
    assert any("按日看,2026-09-" in line and "高于预期" in line for line in said)
    assert any("上图按周画,三角只标整周看也异常的,这里一个也没有" in line for line in said)
    at = page("dashboard.py", job=weekly)
    assert at.button(key="episodes_closer").label == "按日画"
    assert at.button(key="episodes_closer").click().run().query_params["freq"] == "day"
    asked = page("dashboard.py", job=weekly, freq="week")  # somebody who asks for weeks gets weeks
    assert not [caption for caption in asked.caption if "高于预期" in caption.value]


def test_days_that_only_copies_make_look_abnormal_are_counted_where_weeks_are_shown(
    page: Page, data_dir: Path, tmp_path: Path
) -> None:
    lines = []
    for day in range(100):
        posted = ["这个耳机断连了,太差了,客服一直不回,大家别买"] * (40 * (day == 60))
        own = [f"第{day}天{i}号" + ("断连了,太差了" if i < 1 else "音质很好,非常喜欢") for i in range(4)]
        time = f"2026-{8 + day // 30:02d}-{day % 30 + 1:02d} 10:00:00"
        lines += [(str(10**17 + 100 * day + i), time, "微博", "耳机", "", text) for i, text in enumerate(own + posted)]
    weekly = made.labelled(made.write(tmp_path / "c.csv", lines)).id
    at = page("dashboard.py", job=weekly)
    assert not at.exception
    said = [caption.value.replace("\\", "") for caption in at.caption]
    assert "按日看,另有 1 天只因有的文字反复出现才显得异常,未标出。" in said
    assert not any("高于预期" in line for line in said)

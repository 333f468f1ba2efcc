"""客服质检: figures, agents, the review list, one dialogue turn by turn."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from core.schema import Filter
from pages.parts import dialogue_parts, job_picker, resources
from tests import talks
from tests.pages import made

Page = Callable[..., AppTest]


def opened(page: Page, job: str, **parameters: str) -> AppTest:
    """Open the page and wait until the dialogues have been listened to."""
    at = page("dialogue.py", job=job, **parameters)
    for _ in range(100):
        if at.metric or not at.get("progress"):
            break
        time.sleep(0.1)
        at.run()
    return at


@pytest.fixture
def job(data_dir: Path, tmp_path: Path) -> str:
    return made.labelled(talks.write_turns(tmp_path / "talks.csv"), "客服").id


def metric(at: AppTest, label: str) -> str:
    return str(next(m.value for m in at.metric if m.label == label))


def test_the_first_screen_answers_the_question_with_intervals(page: Page, job: str) -> None:
    at = opened(page, job)
    assert not at.exception
    assert metric(at, "对话") == "4 段"
    assert metric(at, "客服回复有问题") == "25.0%"
    assert any("满意度由客服满意度模型" in c.value for c in at.caption)
    agents, review = (table.value for table in at.dataframe)
    assert set(agents["客服"]) == {"小美", "阿强"}
    assert all("n=2" in said for said in agents["满意度"])
    assert review["会话"].iloc[0] == "推诿"
    assert "一口回绝" in review["理由"].iloc[0]


def test_a_dialogue_of_the_address_is_shown_turn_by_turn_and_can_be_put_away(page: Page, job: str) -> None:
    at = opened(page, job, **{"o.talk": "0"})
    assert not at.exception
    assert "会话 推诿" in [s.value for s in at.subheader]
    drawn = " ".join(m.value for m in at.markdown)
    for _, _, text, _ in talks.TALKS["推诿"]:
        assert text[:5] in drawn
    at.button(key="talk_close").click().run()
    assert "o.talk" not in at.query_params
    assert "会话 推诿" not in [s.value for s in at.subheader]


def test_a_filter_keeps_the_dialogues_it_finds(page: Page, job: str) -> None:
    at = opened(page, job, q="发票")
    assert metric(at, "对话") == "1 段"
    at.text_input(key="filter_keyword").set_value("没有人写过这个").run()
    assert not at.exception
    assert [i.value for i in at.info] == ["没有符合筛选条件的评论。现在的条件:含“没有人写过这个”。"]


def test_a_table_of_comments_is_told_what_a_dialogue_looks_like(page: Page, tmp_path: Path) -> None:
    job = made.labelled(made.write(tmp_path / "comments.csv", made.rows(12)))
    at = page("dialogue.py", job=job.id)
    assert not at.exception
    assert any("没有找到客服对话" in i.value for i in at.info)
    assert not at.metric


def test_an_address_of_a_dialogue_that_is_not_there_breaks_nothing(page: Page, job: str) -> None:
    for number in ("99", "x", "-1"):
        assert not opened(page, job, **{"o.talk": number}).exception


def test_what_people_say_never_becomes_markup(page: Page, tmp_path: Path) -> None:
    evil = "<img src=x onerror=alert(1)> :red[**太差了**] [a](http://x) $y$"
    said = {"<b>": (("客户", "", evil, "2026-03-01 10:00:00"), ("客服", "[x](y)", evil, "2026-03-01 10:00:10"))}
    job = made.labelled(talks.write_turns(tmp_path / "evil.csv", said), "<i>")
    at = opened(page, job.id, **{"o.talk": "0"})
    assert not at.exception
    drawn = [element.value for kind in ("markdown", "caption", "subheader") for element in at.get(kind)]
    assert not any(text.count("<img") != text.count("\\<img") or "](http" in text for text in drawn)


def test_the_sample_can_be_started_from_a_job_without_dialogues(page: Page, tmp_path: Path) -> None:
    job = made.labelled(made.write(tmp_path / "comments.csv", made.rows(12)))
    at = page("dialogue.py", job=job.id)
    at.button(key="dialogue_demo").click().run()
    assert not at.exception
    assert at.query_params["job"] != job.id


def test_the_file_of_the_review_list_holds_satisfaction_as_numbers(page: Page, job: str) -> None:
    opened(page, job)
    view = next(name for name in resources.store().derived(job).views() if name.startswith("dialogues"))
    read = pd.read_csv(io.BytesIO(dialogue_parts._review_file(job, Filter(), view)))
    assert len(read) == 4
    assert read["满意度"].dtype == read["情绪分"].dtype == float


@pytest.mark.parametrize("name", ["cascade:0.7:builtin", "tiny", "builtin#onnx-int8"])
def test_the_model_that_labelled_the_job_judges_its_dialogues(page: Page, job: str, name: str) -> None:
    done = resources.jobs().get(job)
    assert dialogue_parts._backend(replace(done, spec=replace(done.spec, backend=name))) is resources.backend(name)


@pytest.mark.parametrize("name", ["structbert#onnx-int8", r"C:\models\mine", "/no/such/folder"])
def test_a_model_that_is_no_longer_there_is_replaced_by_the_default_one_and_said(
    page: Page, job: str, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    done = resources.jobs().get(job)
    gone = replace(done, spec=replace(done.spec, backend=name))
    monkeypatch.setattr(job_picker, "pick", lambda: gone)
    at = opened(page, job)
    assert not at.exception
    assert not at.error
    (said,) = [c.value.replace("\\", "") for c in at.caption if "本机现在没有它" in c.value]
    assert said.endswith("对话改由内置模型判断。")

"""话题: how far the work is, the topics, a click, names and merges with undo."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.derive import Topics, derive
from pages.parts import resources
from tests.derive.stories import complaints
from tests.pages import made

Page = Callable[..., AppTest]


@pytest.fixture
def job(data_dir: Path, tmp_path: Path) -> str:
    """A finished job of 90 complaints of three stories, their topics made."""
    identity = labelled(tmp_path, 90)
    derive(identity, Topics(labels=()), store=resources.store(), table=resources.jobs().table(identity))
    return identity


def labelled(folder: Path, n: int) -> str:
    lines = made.rows(n)
    texts = complaints(n)
    return made.labelled(made.write(folder / "a.csv", [(*line[:5], texts[i]) for i, line in enumerate(lines)])).id


def boxes(at: AppTest) -> list[str]:
    return [text.value.replace("\\", "") for text in at.markdown]


def test_without_a_job_it_says_how_to_get_one(page: Page) -> None:
    at = page("topics.py")
    assert not at.exception
    assert "还没有打过标的评论" in at.info[0].value


def test_the_topics_are_drawn_and_the_largest_is_quoted(page: Page, job: str) -> None:
    at = page("topics.py", job=job, **{"o.of": "all"})
    assert not at.exception
    assert any("重现" in line for line in boxes(at))
    assert any(line.startswith("“") and "a.csv 第" in line for line in boxes(at))
    assert any("话题从 90 条评论的用词里归纳出来" in c.value.replace("\\", "") for c in at.caption)


def test_a_mark_of_the_address_shows_its_topic_and_its_comments(page: Page, job: str) -> None:
    (view,) = resources.store().derived(job).views()
    at = page("topics.py", job=job, **{"o.of": "all", "at.in": f"{view},topic=2"})
    assert not at.exception
    heading = next(s.value for s in at.subheader if s.value.startswith("评论原文"))
    assert 0 < int(heading.split("·")[1].split()[0]) < 90


@pytest.mark.parametrize(("number", "called"), [("2", "话题:"), ("0", "属于话题:其他")])
def test_the_comments_of_a_clicked_topic_are_headed_by_its_name_and_not_its_number(
    page: Page, job: str, number: str, called: str
) -> None:
    (view,) = resources.store().derived(job).views()
    at = page("topics.py", job=job, **{"o.of": "all", "at.in": f"{view},topic={number}"})
    assert not at.exception
    (said,) = [text for c in at.caption if "话题:" in (text := c.value.replace("\\", ""))]
    assert said.startswith(called)
    assert not said.endswith(number)


def address(at: AppTest) -> dict[str, str]:
    return {name: at.query_params[name] for name in at.query_params}


def test_a_link_to_a_topic_holds_its_words(page: Page, job: str) -> None:
    (view,) = resources.store().derived(job).views()
    at = page("topics.py", job=job, **{"o.of": "all", "at.in": f"{view},topic=2"})
    facts = resources.store().derived(job).facts(view) or {}
    terms = next(one["terms"] for one in facts["topics"] if one["topic"] == 2)
    assert address(at)["o.topic"] == " ".join(terms[:6])
    gone = page("topics.py", job=job, **{"o.of": "all", "o.topic": "甲 乙"})
    assert "o.topic" not in gone.query_params


def test_a_saved_link_finds_its_topic_by_its_words_when_the_topics_were_made_anew(page: Page, job: str) -> None:
    (view,) = resources.store().derived(job).views()
    facts = resources.store().derived(job).facts(view) or {}
    terms = next(one["terms"] for one in facts["topics"] if one["topic"] == 2)
    saved = {"o.of": "all", "at.in": "topics_0000000000,topic=1", "o.topic": " ".join(terms[:6])}
    at = page("topics.py", job=job, **saved)
    assert not at.exception
    assert address(at)["at.in"] == f"{view},topic=2"
    assert any("按用词找到" in info.value for info in at.info)


def test_a_saved_link_whose_topic_is_gone_says_so_and_shows_no_other(page: Page, job: str) -> None:
    saved = {"o.of": "all", "at.in": "topics_0000000000,topic=1", "o.topic": "轮胎 刹车 油耗"}
    at = page("topics.py", job=job, **saved)
    assert not at.exception
    assert "at.in" not in at.query_params
    assert any("链接里的话题「轮胎、刹车、油耗」现在没有了" in info.value for info in at.info)
    assert any(heading.value == "评论原文 · 90 条" for heading in at.subheader)


def test_a_new_name_stands_on_the_page_until_it_is_undone(page: Page, job: str) -> None:
    at = page("topics.py", job=job, **{"o.of": "all"})
    key = next(field.key for field in at.text_input if (field.key or "").startswith("topic_name_"))
    number = key.rpartition("_")[2]
    at.text_input(key=key).set_value("配送慢*")
    at.button(key=f"topic_rename_{number}").click().run()
    assert not at.exception
    assert any("配送慢*" in line and "重现" in line for line in boxes(at))
    at.button(key="topic_undo").click().run()
    assert not any("配送慢*" in line and "重现" in line for line in boxes(at))


def test_topics_put_together_are_one(page: Page, job: str) -> None:
    at = page("topics.py", job=job, **{"o.of": "all"})
    field = next(field for field in at.multiselect if (field.key or "").startswith("topic_others_"))
    number = str(field.key).rpartition("_")[2]
    before = len(field.options)
    other = next(n for n in range(1, 9) if str(n) != number)
    at.multiselect(key=field.key).set_value([other])
    at.button(key=f"topic_merge_{number}").click().run()
    for _ in range(100):
        if any((one.key or "").startswith("topic_others_") for one in at.multiselect):
            break
        at.run()
    after = next(one for one in at.multiselect if (one.key or "").startswith("topic_others_"))
    assert not at.exception
    assert len(after.options) == before - 1


def test_the_choice_of_comments_and_number_stands_in_the_address(page: Page, job: str) -> None:
    at = page("topics.py", job=job, **{"o.of": "all", "o.k": "4"})
    assert not at.exception
    assert at.selectbox(key="topics_k").value == "4"
    at = page("topics.py", job=job, **{"o.of": "viele", "o.k": "-1"})
    assert not at.exception
    assert at.selectbox(key="topics_k").value == ""


def test_a_few_comments_are_too_few_and_it_is_said(page: Page, data_dir: Path, tmp_path: Path) -> None:
    few = labelled(tmp_path, 5)
    derive(few, Topics(labels=()), store=resources.store(), table=resources.jobs().table(few))
    at = page("topics.py", job=few, **{"o.of": "all"})
    assert not at.exception
    assert any("分不出话题" in info.value for info in at.info)


def test_very_many_comments_are_looked_at_only_when_asked(
    page: Page, data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pages.parts import topic_parts

    monkeypatch.setattr(topic_parts, "ASK_FROM_ROWS", 10)
    at = page("topics.py", job=labelled(tmp_path, 30))
    assert not at.exception
    assert at.button(key="start_topics").label == "开始分析"


def test_a_kind_of_comments_that_is_not_there_is_named_with_a_way_on(
    page: Page, data_dir: Path, tmp_path: Path
) -> None:
    praise = [(*line[:5], f"第{i}天,音质很好,非常喜欢") for i, line in enumerate(made.rows(20))]
    happy = made.labelled(made.write(tmp_path / "b.csv", praise)).id
    derive(happy, Topics(), store=resources.store(), table=resources.jobs().table(happy))
    at = page("topics.py", job=happy)
    assert not at.exception
    assert [i.value for i in at.info] == ["没有负面评论,分不出话题。在上面换一种评论看,或直接看下面的原文。"]

"""舆情看板: figures, filters in the address, marks, corrections."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.analyse import wilson
from core.chart import format_percent
from core.schema import LABELS, NEGATIVE, POSITIVE, Col, Filter, JobState
from pages.parts import answers, comments_panel, dashboard_parts, job_picker, resources
from tests.pages import made

Page = Callable[..., AppTest]


@pytest.fixture
def job(data_dir: Path, tmp_path: Path) -> str:
    """A finished job of 120 comments."""
    return made.labelled(made.write(tmp_path / "耳机.csv", made.rows(120))).id


def metric(at: AppTest, label: str) -> str:
    return next(m.value for m in at.metric if m.label == label)


def test_without_a_job_it_says_how_to_get_one(page: Page) -> None:
    at = page("dashboard.py")
    assert not at.exception
    assert "还没有打过标的评论" in at.info[0].value


def test_without_a_job_in_the_address_the_latest_is_shown(page: Page, job: str) -> None:
    at = page("dashboard.py")
    assert not at.exception
    assert at.query_params["job"] == job


def test_a_job_that_is_not_there_is_said_with_its_code(page: Page, job: str) -> None:
    at = page("dashboard.py", job="0" * 24)
    assert not at.exception
    assert "没有这个任务" in at.error[0].value
    assert "错误代码 J04" in [c.value for c in at.caption]


def test_the_figures_are_those_of_the_report_with_interval_and_n(page: Page, job: str) -> None:
    at = page("dashboard.py", job=job)
    report = resources.jobs().get(job).report
    assert report is not None
    share = wilson(report.labels[LABELS[NEGATIVE]], sum(report.labels.values()))
    assert metric(at, "负面占比") == format_percent(share.value)
    assert any(c.value == f"{100 * share.low:.1f}–{100 * share.high:.1f}, n=120" for c in at.caption)


def test_a_filter_of_the_address_shows_in_the_widgets_and_in_the_figures(page: Page, job: str) -> None:
    at = page("dashboard.py", job=job, label="negative", source="微博")
    assert not at.exception
    assert at.multiselect(key="filter_sources").value == ["微博"]
    assert metric(at, "负面占比") == "100.0%"
    assert int(metric(at, "评论").split()[0]) < 120


def test_choosing_a_source_stands_in_the_address_and_can_be_taken_back(page: Page, job: str) -> None:
    at = page("dashboard.py", job=job)
    at.multiselect(key="filter_sources").set_value(["京东"]).run()
    assert at.query_params["source"] == "京东"
    assert metric(at, "评论") == "60 条"
    at.button(key="filter_chip_sources").click().run()
    assert "source" not in at.query_params
    assert metric(at, "评论") == "120 条"


def test_comments_of_two_exports_count_once_until_all_rows_are_asked_for(
    page: Page, data_dir: Path, tmp_path: Path
) -> None:
    lines = made.rows(60)
    job = made.labelled(made.write(tmp_path / "两周.csv", [*lines, *lines[:20]])).id
    at = page("dashboard.py", job=job)
    assert metric(at, "评论") == "60 条"
    assert "另有 20 行是同一条评论的重复导出,没有重复计算。" in [c.value for c in at.caption]
    at.toggle(key="filter_reexported").set_value(True).run()
    assert metric(at, "评论") == "80 条"
    assert at.query_params["reexported"] == "1"
    at.button(key="filter_chip_reexported").click().run()
    assert metric(at, "评论") == "60 条"


def test_a_hidden_word_leaves_the_telling_words_and_stands_in_the_address(page: Page, job: str) -> None:
    at = page("dashboard.py", job=job)
    word = answers.keywords(job, Filter()).negative[0].term
    at.multiselect(key="hidden_words").set_value([word]).run()
    assert not at.exception
    assert at.query_params["hide"] == word
    assert word in at.multiselect(key="hidden_words").options
    shown = [term for table in at.dataframe for term in table.value.get("词", [])]
    assert shown
    assert word not in shown


def test_the_telling_words_stay_as_they_are_when_only_labels_are_chosen(page: Page, job: str) -> None:
    def words(at: AppTest) -> set[str]:
        # a table or chart with another id is built anew by the browser
        return {element.proto.id for element in [*at.dataframe, *at.get("vega_lite_chart")[1:]]}

    before = words(page("dashboard.py", job=job))
    assert len(before) == 3
    assert words(page("dashboard.py", job=job, label="negative")) == before
    assert words(page("dashboard.py", job=job, source="微博")) != before


def test_a_keyword_that_nobody_wrote_leaves_an_empty_state_and_no_error(page: Page, job: str) -> None:
    at = page("dashboard.py", job=job)
    at.text_input(key="filter_keyword").set_value("没有人写过这个").run()
    assert not at.exception
    assert [i.value for i in at.info] == ["没有符合筛选条件的评论。现在的条件:含“没有人写过这个”。"]
    at.button(key="filter_clear_all").click().run()
    assert metric(at, "评论") == "120 条"


def test_each_condition_of_an_empty_filter_says_what_comes_back_without_it(page: Page, job: str) -> None:
    here = metric(page("dashboard.py", job=job, source="微博"), "评论")
    at = page("dashboard.py", job=job, source="微博", q="没有人写过这个")
    assert not at.exception
    assert not at.metric
    (box,) = at.info
    assert "来源:微博;含“没有人写过这个”" in box.value.replace("\\", "")
    (button,) = [b for b in at.button if b.label.startswith("去掉")]
    assert button.label == f"去掉「含“没有人写过这个”」:{here}"
    button.click().run()
    assert metric(at, "评论") == here
    assert at.query_params["source"] == "微博"


def test_a_part_of_the_address_that_makes_no_sense_is_said_and_ignored(page: Page, job: str) -> None:
    at = page("dashboard.py", job=job, rating="viele", **{"from": "gestern"})
    assert not at.exception
    assert sum("无法识别,已忽略" in c.value for c in at.caption) == 2
    assert metric(at, "评论") == "120 条"


def test_a_mark_of_the_address_narrows_the_comments_but_not_the_figures(page: Page, job: str) -> None:
    at = page("dashboard.py", job=job, **{"at.from": "2026-08-01", "at.to": "2026-08-10"})
    assert metric(at, "评论") == "120 条"
    heading = next(s.value for s in at.subheader if s.value.startswith("评论原文"))
    assert 0 < int(heading.split("·")[1].split()[0]) < 120
    at.button(key="clear_mark").click().run()
    assert "at.from" not in at.query_params


def test_the_step_of_the_trend_stands_in_the_address(page: Page, job: str) -> None:
    at = page("dashboard.py", job=job, freq="week")
    assert not at.exception
    assert at.query_params["freq"] == "week"


def test_a_date_range_compares_with_the_period_before(page: Page, job: str) -> None:
    at = page("dashboard.py", job=job, **{"from": "2026-09-06", "to": "2026-10-10"})
    assert not at.exception
    moved = next(m for m in at.metric if m.label == "负面占比")
    assert moved.delta.startswith("+")
    assert moved.delta.endswith("个百分点")


def test_a_corrected_label_changes_the_figures_and_can_be_undone(page: Page, job: str) -> None:
    at = page("dashboard.py", job=job)
    before = metric(at, "正面占比")
    first = answers.page(
        job, Filter(labels=(LABELS[NEGATIVE],)), order=Col.ROW, descending=False, offset=0, limit=1
    ).frame
    row = int(first[Col.ROW].iloc[0])
    resources.store().catalogue.correct(job, [row], POSITIVE)
    assert metric(at.run(), "正面占比") != before
    at.button(key="undo_correction").click().run()
    assert not at.exception
    assert metric(at, "正面占比") == before
    assert "undo_correction" not in [b.key for b in at.button]


def test_the_latest_correction_can_be_undone_though_its_filter_keeps_no_comment(page: Page, job: str) -> None:
    catalogue = resources.store().catalogue
    catalogue.correct(job, [5], POSITIVE)
    catalogue.correct(job, [2], POSITIVE)
    at = page("dashboard.py", job=job, q="没有人写过这个")
    assert at.button(key="undo_correction").label == "撤销改判(2)"
    at.button(key="undo_correction").click().run()
    assert [c.row for c in catalogue.corrections(job)] == [5]


def test_every_angle_draws_without_an_error(page: Page, job: str) -> None:
    for tab in dashboard_parts.ANGLES:
        at = page("dashboard.py", job=job)
        at.session_state["angles"] = tab
        assert not at.run().exception


@pytest.mark.parametrize("n", [0, 1])
def test_a_table_of_hardly_any_rows_breaks_nothing(page: Page, tmp_path: Path, n: int) -> None:
    job = made.labelled(made.write(tmp_path / "few.csv", made.rows(n)), "几乎没有")
    assert job.state is JobState.DONE
    at = page("dashboard.py", job=job.id)
    assert not at.exception
    if n:
        assert metric(at, "评论") == "1 条"
    else:
        assert "文件里没有一行评论" in at.info[0].value


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([row for row in made.rows(90) if "断连" in row[5]], "评论全是负面"),
        (made.rows(12), "这些词多半是偶然"),
    ],
)
def test_words_that_stand_out_from_nothing_or_by_chance_are_called_that(
    page: Page, tmp_path: Path, lines: list[tuple[str, ...]], said: str
) -> None:
    job = made.labelled(made.write(tmp_path / "few.csv", lines), said)
    at = page("dashboard.py", job=job.id)
    assert any(said in caption.value for caption in at.caption)


def test_a_job_on_its_way_says_that_only_a_part_is_counted(page: Page, job: str) -> None:
    resources.store().catalogue.update(job, state=JobState.RUNNING, rows_done=120, rows_total=500)
    at = page("dashboard.py", job=job)
    assert not at.exception
    assert any("120 / 500" in c.value for c in at.caption)


def test_what_was_labelled_meanwhile_is_offered_and_not_forced_on_the_reader(
    page: Page, job: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    resources.store().catalogue.update(job, state=JobState.RUNNING, rows_done=120, rows_total=500)
    as_it_was = replace(resources.jobs().get(job), rows_done=100)
    monkeypatch.setattr(job_picker, "pick", lambda: as_it_was)
    at = page("dashboard.py", job=job)
    assert not at.exception
    assert "加上新的 20 行" in [b.label for b in at.button]


def test_a_job_that_has_labelled_nothing_yet_promises_to_show_it(page: Page, job: str, tmp_path: Path) -> None:
    spec = made.spec_of(made.write(tmp_path / "later.csv", made.rows(10)), "待会")
    identity = "a" * 24
    resources.store().catalogue.add(identity, spec, chunk_rows=100, state=JobState.QUEUED)
    at = page("dashboard.py", job=identity)
    assert not at.exception
    assert "有了会自动出现" in at.info[0].value
    assert not at.metric


def test_the_days_are_told_with_their_year_and_the_step_in_force_is_marked(page: Page, job: str) -> None:
    at = page("dashboard.py", job=job)
    assert any(re.fullmatch(r"2026-08-\d\d 至 \d\d-\d\d", c.value) for c in at.caption)
    assert at.session_state["trend_step"] == "auto"


def test_without_negative_comments_it_says_so_and_where_the_positive_ones_are(page: Page, tmp_path: Path) -> None:
    praise = [line for line in made.rows(60) if "喜欢" in line[-1]]
    job = made.labelled(made.write(tmp_path / "good.csv", praise), "只有好评")
    at = page("dashboard.py", job=job.id)
    assert any("没有负面评论" in i.value and "负面词对正面词" in i.value for i in at.info)


def test_the_first_comparison_is_one_with_something_to_compare(page: Page, tmp_path: Path) -> None:
    lines = [(line[0], line[1], "", f"款{i % 2}", *line[4:]) for i, line in enumerate(made.rows(40))]
    job = made.labelled(made.write(tmp_path / "one.csv", lines), "没有来源")
    at = page("dashboard.py", job=job.id)
    at.session_state["angles"] = dashboard_parts.ANGLES[1]
    at.run()
    assert at.selectbox(key="groups_by").value == Col.PRODUCT


def test_comments_and_names_never_become_markup(page: Page, tmp_path: Path) -> None:
    evil = "<img src=x onerror=alert(1)> :red[**太差了**] 差评"
    lines = [(str(i), f"2026-09-{i + 1:02d}", "[a](http://x)", "$x$", "1", f"{evil} {i}") for i in range(5)]
    job = made.labelled(made.write(tmp_path / "evil.csv", lines), "<b>名</b>")
    at = page("dashboard.py", job=job.id, source="[a](http://x)", q="<img")
    assert not at.exception
    drawn = [element.value for kind in ("markdown", "caption", "subheader") for element in at.get(kind)]
    assert not any(re.search(r"(?<!\\)(<img|<b>|\[a)", text) for text in drawn)


def test_a_filter_set_on_the_page_makes_the_download_hold_only_its_comments(page: Page, job: str) -> None:
    at = page("dashboard.py", job=job)
    assert [radio.value for radio in at.radio if radio.label == "哪些行"] == [False]
    at.pills(key="filter_labels").set_value([LABELS[NEGATIVE]]).run()
    (which,) = [radio for radio in at.radio if radio.label == "哪些行"]
    # the browser shows the first answer of the grown radio as chosen: the server must hold the same
    assert which.value is True
    assert which.options[0].startswith("筛选后的")


def test_comments_without_a_date_say_how_to_get_a_trend(page: Page, tmp_path: Path) -> None:
    lines = [(one[0], "", *one[2:]) for one in made.rows(6)]
    undated = made.labelled(made.write(tmp_path / "b.csv", lines), "没有时间")
    at = page("dashboard.py", job=undated.id)
    assert any("画不出趋势" in i.value and "在「时间」里选它" in i.value for i in at.info)


def test_a_job_that_is_not_there_leads_to_those_that_are(page: Page, job: str) -> None:
    at = page("dashboard.py", job="0" * 24)
    assert [link.proto.label for link in at.get("page_link")] == ["去首页看任务列表"]


def test_correcting_the_last_comment_of_the_last_page_shows_the_page_before(page: Page, job: str) -> None:
    at = page("dashboard.py", job=job, label="negative")
    chosen = Filter(labels=(LABELS[NEGATIVE],))
    total = answers.overview(job, Filter()).now.shares[NEGATIVE].count
    last = -(-total // comments_panel.PAGE_ROWS)
    at.button(key="comments_:material/last_page:").click().run()
    assert any(c.value.endswith(f"第 {last} / {last} 页") for c in at.caption)
    order, descending = comments_panel.ORDERS["最负面的在前"]
    offset = (last - 1) * comments_panel.PAGE_ROWS
    shown = answers.page(job, chosen, order=order, descending=descending, offset=offset, limit=10).frame
    resources.store().catalogue.correct(job, shown[Col.ROW].tolist(), POSITIVE)
    at.run()
    assert not at.exception
    said = f"第 {offset - 9}–{offset} 条,共 {offset} 条 · 第 {last - 1} / {last - 1} 页"
    assert said in [c.value for c in at.caption]

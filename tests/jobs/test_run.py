"""A run from file to labelled table: accounting, duplicates, stopping and going on."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
import weakref
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from core.errors import JobError, ReadError, StoreError
from core.jobs import Meter, Progress, Stage, job_id, new_spec, run
from core.read import count, inspect, with_mapping
from core.schema import Col, JobState, RunReport, Status, TableSource
from core.settings import get_settings, load
from core.store import Chunks, Store
from tests.jobs_kit import ROWS, Rule, comments, spec_of


def rows_of(store: Store, identity: str) -> pd.DataFrame:
    return pd.concat(list(store.chunks(identity).frames()), ignore_index=True)


def same(report: RunReport) -> dict[str, object]:
    """A report without what a clock decides."""
    facts = asdict(report)
    del facts["seconds"]
    return facts


def stop_after(calls: int) -> Callable[[], bool]:
    left = iter(range(calls))
    return lambda: next(left, None) is None


def test_every_row_is_accounted_for(store: Store, source: Path) -> None:
    spec = spec_of(source, Rule())
    report = run(spec, store=store, backend=Rule())
    frame = rows_of(store, job_id(spec))
    assert report.rows_in == ROWS == len(frame)
    assert report.rows_in == report.scored + report.blank + report.duplicates + report.rejected
    assert (report.blank, report.undated, report.reasons) == (50, 20, {"empty": 50})
    assert report.duplicates == frame.loc[frame[Col.TEXT_KEY] != "", Col.TEXT_KEY].duplicated().sum()
    assert sum(report.labels.values()) == report.scored + report.duplicates
    assert frame[Col.ROW].tolist() == list(range(ROWS))
    assert [p.row_number for p in report.problems] == frame.loc[frame[Col.LABEL] < 0, Col.ROW_NUMBER].tolist()


def test_what_was_noticed_in_reading_is_reported_for_each_table(store: Store, tmp_path: Path) -> None:
    comments(tmp_path / "a.csv", 10)
    (tmp_path / "b.csv").write_text("2026-09-01,东西很好用\n2026-09-02,物流太慢了等了一周\n", "utf-8")
    sources = inspect([tmp_path / "a.csv", tmp_path / "b.csv"])
    report = run(new_spec(sources, Rule(), settings=load({})), store=store, backend=Rule())
    (noted,) = report.notes
    assert noted.file == "b.csv"
    assert "没有找到表头" in noted.note


def test_each_distinct_text_is_scored_once_and_duplicates_carry_its_score(store: Store, source: Path) -> None:
    backend = Rule()
    spec = spec_of(source, backend)
    run(spec, store=store, backend=backend)
    frame = rows_of(store, job_id(spec))
    assert len(backend.asked) == len(set(backend.asked)) == (frame[Col.STATUS] == Status.SCORED).sum()
    scored = frame[frame[Col.STATUS] == Status.SCORED].set_index(Col.TEXT_KEY)
    copies = frame[frame[Col.STATUS] == Status.DUPLICATE]
    assert len(copies) > 20
    assert copies[Col.P_NEGATIVE].tolist() == scored.loc[copies[Col.TEXT_KEY], Col.P_NEGATIVE].tolist()


def test_the_files_own_columns_come_back_as_they_were(store: Store, source: Path) -> None:
    spec = spec_of(source, Rule())
    run(spec, store=store, backend=Rule())
    table = store.table(job_id(spec))
    before = pd.read_csv(source, dtype=str, keep_default_na=False)
    after = pd.concat(list(table.frames()), ignore_index=True)
    for name in before.columns:
        assert after[f"src:{name}"].tolist() == before[name].tolist()
    table.close()


def test_a_file_with_a_header_alone_is_a_job_of_no_rows(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "empty.csv"
    path.write_text("编号,评论内容\n", "utf-8")
    report = run(spec_of(path, Rule()), store=store, backend=Rule())
    assert (report.rows_in, report.labels) == (0, {"负面": 0, "中性": 0, "正面": 0})


def test_several_tables_are_one_job_in_their_order(store: Store, tmp_path: Path) -> None:
    comments(tmp_path / "a.csv", 150)
    (tmp_path / "b.jsonl").write_text(
        "\n".join(json.dumps({"content": f"很好 {i}", "extra": i}) for i in range(130)) + "\nnot json\n", "utf-8"
    )
    sources = inspect([tmp_path / "a.csv", tmp_path / "b.jsonl"])
    spec = new_spec(sources, Rule(), settings=load({}))
    report = run(spec, store=store, backend=Rule())
    assert (report.rows_in, report.rejected) == (281, 1)
    frame = rows_of(store, job_id(spec))
    assert frame[Col.FILE].tolist() == ["a.csv"] * 150 + ["b.jsonl"] * 131


@pytest.mark.parametrize("calls", [0, 1, 4])
def test_a_stopped_run_goes_on_and_ends_like_an_undisturbed_one(store: Store, source: Path, calls: int) -> None:
    calm = Store(store.folder.parent / "calm")
    spec = spec_of(source, Rule())
    expected = run(spec, store=calm, backend=Rule())
    with pytest.raises(JobError, match=r"\[J03\]"):
        run(spec, store=store, backend=Rule(), stop=stop_after(calls))
    job = store.catalogue.get(job_id(spec))
    assert job is not None
    assert (job.state, job.error) == (JobState.PAUSED, "")
    # what the model had worked ahead is kept, too
    assert store.chunks(job.id).rows() == job.rows_done
    assert job.rows_done < ROWS
    report = run(spec, store=store, backend=Rule())
    assert same(report) == same(expected)
    pd.testing.assert_frame_equal(rows_of(store, job.id), rows_of(calm, job.id))
    calm.close()


def test_going_on_drops_what_was_derived_from_the_first_rows(store: Store, source: Path) -> None:
    spec = spec_of(source, Rule())
    with pytest.raises(JobError, match="J03"):
        run(spec, store=store, backend=Rule(), stop=stop_after(1))
    shelf = store.derived(job_id(spec))
    shelf.write("mentions_0123456789", [pd.DataFrame({Col.ROW: [0]})], {"share": 1})
    assert shelf.latest("mentions", share=1)
    run(spec, store=store, backend=Rule())
    assert shelf.latest("mentions", share=1) is None


def test_going_on_scores_no_text_again(store: Store, source: Path) -> None:
    spec = spec_of(source, Rule())
    first, second = Rule(), Rule()
    with pytest.raises(JobError):
        run(spec, store=store, backend=first, stop=stop_after(5))
    run(spec, store=store, backend=second)
    assert not set(first.asked) & set(second.asked)


def test_another_chunk_size_in_between_changes_nothing(
    store: Store, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = spec_of(source, Rule())
    with pytest.raises(JobError):
        run(spec, store=store, backend=Rule(), stop=stop_after(3))
    monkeypatch.setenv("TINGFENG_CHUNK_ROWS", "77")
    get_settings.cache_clear()
    assert run(spec, store=store, backend=Rule()).rows_in == ROWS


def test_a_killed_run_whose_scores_never_reached_the_cache_still_knows_its_duplicates(
    store: Store, source: Path
) -> None:
    spec = spec_of(source, Rule())
    with pytest.raises(JobError):
        run(spec, store=store, backend=Rule(), stop=stop_after(5))
    for keys in store.chunks(job_id(spec)).text_keys():
        store.cache.forget(keys)
    backend = Rule()
    report = run(spec, store=store, backend=backend)
    assert report.rows_in == ROWS
    assert len(backend.asked) < report.scored


def test_a_damaged_chunk_is_made_again(store: Store, source: Path) -> None:
    spec = spec_of(source, Rule())
    with pytest.raises(JobError):
        run(spec, store=store, backend=Rule(), stop=stop_after(5))
    chunks = store.chunks(job_id(spec))
    path = chunks.files()[-1].path
    path.write_bytes(path.read_bytes()[:-20])
    assert run(spec, store=store, backend=Rule()).rows_in == ROWS


def test_rows_that_the_catalogue_does_not_know_are_made_again(store: Store, source: Path, tmp_path: Path) -> None:
    spec = spec_of(source, Rule())
    with pytest.raises(JobError):
        run(spec, store=store, backend=Rule(), stop=stop_after(5))
    store.close()
    (store.folder / "catalogue.sqlite").unlink()
    again = Store(store.folder)
    seen: list[Progress] = []
    assert run(spec, store=again, backend=Rule(), progress=seen.append).rows_in == ROWS
    assert seen[0].rows_done == 0
    again.close()


def test_a_finished_job_is_not_run_again(store: Store, source: Path) -> None:
    spec = spec_of(source, Rule())
    report = run(spec, store=store, backend=Rule())
    idle = Rule()
    assert run(spec, store=store, backend=idle) == report
    assert idle.asked == []


def test_another_job_with_the_same_texts_takes_them_from_the_cache(store: Store, source: Path) -> None:
    report = run(spec_of(source, Rule()), store=store, backend=Rule())
    idle = Rule()
    again = run(spec_of(source, Rule(), neutral_band=0.5), store=store, backend=idle)
    assert idle.asked == []
    assert again.cache_hits == again.scored == report.scored
    assert again.labels["中性"] > report.labels["中性"]


def test_without_a_cache_the_result_is_the_same(store: Store, source: Path, tmp_path: Path) -> None:
    bare = Store(tmp_path / "bare", cache_rows=0)
    spec = spec_of(source, Rule())
    assert same(run(spec, store=bare, backend=Rule())) == same(run(spec, store=store, backend=Rule()))
    pd.testing.assert_frame_equal(rows_of(bare, job_id(spec)), rows_of(store, job_id(spec)))
    bare.close()


def test_the_id_follows_from_what_decides_the_rows(source: Path, tmp_path: Path) -> None:
    spec = spec_of(source, Rule())
    moved = tmp_path / "moved.csv"
    moved.write_bytes(source.read_bytes())
    elsewhere = replace(spec, sources=(replace(spec.sources[0], path=moved, name="moved.csv"),), name="别名")
    later = replace(
        spec, clean=replace(spec.clean, reference_time=datetime(2030, 1, 1), latest_time=datetime(2031, 1, 1))
    )
    assert job_id(elsewhere) == job_id(later) == job_id(spec)
    others = [
        replace(spec, model_version="another-version"),
        replace(spec, score=replace(spec.score, neutral_band=0.1)),
        replace(spec, clean=replace(spec.clean, mask_pii=True)),
        replace(spec, sources=(with_mapping(spec.sources[0], time=None),)),
        replace(spec, sources=(replace(spec.sources[0], sha256="0" * 64),)),
        replace(spec, sources=spec.sources * 2),
    ]
    assert len({job_id(other) for other in [*others, spec]}) == len(others) + 1


def test_relative_times_are_counted_from_the_file_they_stand_in(store: Store, tmp_path: Path) -> None:
    paths = []
    for day in (5, 25):
        paths.append(tmp_path / f"{day}.csv")
        paths[-1].write_text(f"时间,评论内容\n3天前,很差{day}\n2026-03-01,还行{day}\n", "utf-8")
        moment = datetime(2026, 3, day, 12, tzinfo=ZoneInfo("Asia/Shanghai")).timestamp()
        os.utime(paths[-1], (moment, moment))
    spec = new_spec(inspect(paths), Rule(), settings=get_settings())
    report = run(spec, store=store, backend=Rule())
    found = rows_of(store, job_id(spec))[Col.TIME].dt.strftime("%m-%d").tolist()
    assert found == ["03-02", "03-01", "03-22", "03-01"]
    assert not report.settings["reference_doubtful"]


def test_a_changed_file_is_refused(store: Store, source: Path) -> None:
    spec = spec_of(source, Rule())
    source.write_text("评论内容\n别的\n", "utf-8")
    with pytest.raises(JobError, match=r"\[J01\].*in\.csv"):
        run(spec, store=store, backend=Rule())
    source.unlink()
    with pytest.raises((JobError, ReadError), match=r"\[J01\]"):
        run(spec, store=store, backend=Rule())
    job = store.catalogue.get(job_id(spec))
    assert job is not None
    assert job.state is JobState.FAILED
    assert "[J01]" in job.error


def test_another_model_version_is_refused(store: Store, source: Path) -> None:
    with pytest.raises(JobError, match=r"\[J02\]"):
        run(spec_of(source, Rule()), store=store, backend=Rule("rule-2-0123456789"))


def test_a_table_without_a_comment_column_is_no_job(tmp_path: Path) -> None:
    path = tmp_path / "numbers.csv"
    path.write_text("a,b\n1,2\n3,4\n", "utf-8")
    with pytest.raises(ReadError, match=r"\[R03\]"):
        spec_of(path, Rule())


def test_a_job_that_runs_elsewhere_is_left_alone(store: Store, source: Path) -> None:
    spec = spec_of(source, Rule())
    with store.lock(job_id(spec)), pytest.raises(StoreError, match=r"\[S09\]"):
        run(spec, store=store, backend=Rule())


def test_progress_rises_to_the_end(store: Store, source: Path) -> None:
    seen: list[Progress] = []
    run(spec_of(source, Rule()), store=store, backend=Rule(), progress=seen.append)
    done = [p.rows_done for p in seen]
    assert done == sorted(done)
    assert (done[-1], seen[-1].stage, seen[-1].eta_seconds) == (ROWS, Stage.FINISHING, 0.0)
    assert {p.rows_total for p in seen if p.stage is Stage.SCORING} == {ROWS}


def test_the_model_works_while_the_rows_are_counted(
    store: Store, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend, asked, seen = Rule(), [], []

    def slow_count(table: TableSource) -> int:
        until = time.monotonic() + 20
        while not backend.asked and time.monotonic() < until:
            time.sleep(0.01)
        time.sleep(0.5)
        asked.append(len(backend.asked))
        return count(table)

    monkeypatch.setattr(sys.modules["core.jobs.run"], "count", slow_count)
    report = run(spec_of(source, backend), store=store, backend=backend, progress=seen.append)
    assert report.rows_in == ROWS
    assert asked[0] > 0
    # what was done meanwhile is not taken for the work of the moment since
    first = next(progress for progress in seen if progress.stage is Stage.SCORING)
    assert first.rows_per_second <= ROWS / 0.5
    assert first.rows_total == ROWS


def test_the_model_is_let_go_of_before_the_rows_are_joined(
    store: Store, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    models = [Rule()]
    spec, alive, seen = spec_of(source, models[0]), weakref.ref(models[0]), []
    compact = Chunks.compact

    def watched(chunks: Chunks) -> None:
        seen.append(alive())
        compact(chunks)

    monkeypatch.setattr(Chunks, "compact", watched)
    report = run(spec, store=store, backend=models.pop())
    assert report.rows_in == ROWS
    assert seen == [None]


def test_a_count_that_fails_ends_every_thread(store: Store, source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_table: TableSource) -> int:
        raise ReadError("R01", "文件不见了。", "请放回文件。")

    monkeypatch.setattr(sys.modules["core.jobs.run"], "count", broken)
    with pytest.raises(ReadError):
        run(spec_of(source, Rule()), store=store, backend=Rule())
    working = {"tingfeng-score", "tingfeng-encode", "tingfeng-feed"}
    assert not working & {thread.name for thread in threading.enumerate()}


def test_the_rate_is_that_of_the_last_twenty_seconds() -> None:
    meter = Meter(500, 10_000)
    start = time.monotonic()
    for second in range(1, 31):
        meter.at(500 + 100 * second, Stage.SCORING, now=start + second)
    for second in range(31, 61):
        progress = meter.at(3500 + 10 * (second - 30), Stage.SCORING, now=start + second)
    assert progress.rows_per_second == pytest.approx(10, rel=0.01)
    assert progress.eta_seconds == pytest.approx((10_000 - 3800) / 10, rel=0.01)
    assert Meter(0, None).at(5, Stage.COUNTING).eta_seconds is None
    assert Meter(0, 0).at(0, Stage.SCORING).eta_seconds == 0.0


def test_a_file_is_labelled_anew_once_it_is_read_in_another_way(store: Store, source: Path) -> None:
    spec = spec_of(source, Rule())
    old = replace(spec, sources=(replace(spec.sources[0], reading=spec.sources[0].reading - 1),))
    run(old, store=store, backend=Rule())
    run(spec, store=store, backend=Rule())
    assert {job.id for job in store.catalogue.jobs()} == {job_id(old), job_id(spec)}
    assert job_id(old) != job_id(spec)


def test_a_job_from_before_revisions_of_reading_keeps_its_id_and_opens(store: Store, source: Path) -> None:
    spec = spec_of(source, Rule())
    old = replace(spec, sources=(replace(spec.sources[0], reading=0, sha256="0" * 64),))
    clean = replace(old.clean, timezone="Asia/Shanghai")
    assert job_id(replace(old, clean=clean)) == "24925155f7e3d3a5efa96917"
    old = replace(old, sources=(replace(spec.sources[0], reading=0),))
    report = run(old, store=store, backend=Rule())
    backend = Rule()
    assert run(old, store=store, backend=backend) == report
    assert backend.asked == []


def test_a_job_begun_with_another_reading_is_not_continued_with_this_one(store: Store, source: Path) -> None:
    spec = spec_of(source, Rule())
    old = replace(spec, sources=(replace(spec.sources[0], reading=0),))
    with pytest.raises(JobError, match=r"\[J03\]"):
        run(old, store=store, backend=Rule(), stop=stop_after(4))
    rows = store.chunks(job_id(old)).rows()
    assert rows
    with pytest.raises(JobError, match=rf"\[J08\].*完成了 {rows} 行.*重新提交"):
        run(old, store=store, backend=Rule())
    assert store.chunks(job_id(old)).rows() == rows

"""The command line's contract: flags, JSON keys, exit codes, where what is written."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pandas as pd
import pytest

from core.commands import COMMANDS, main
from core.commands.files import lasting_name
from core.schema import DOUBTFUL_REFERENCE, EMOTION_EXPORT_COLUMNS, EMOTIONS, EXPORT_COLUMNS
from core.settings import get_settings
from core.store import open_store
from tests.jobs_kit import comments

ROOT = Path(__file__).resolve().parents[1]
#: Fixed by the issue "The main job".
REPORT_KEYS = {
    "rows_in", "scored", "blank", "duplicates", "rejected", "undated", "truncated",
    "labels", "backend", "model_version", "seconds",
}  # fmt: skip
ROWS = 60

pytestmark = pytest.mark.usefixtures("own_data_folder")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return comments(tmp_path / "in.csv", ROWS)


def label(source: Path, out: Path, model: str, *more: str) -> int:
    return main(["label", str(source), "-o", str(out), "--backend", model, *more])


def test_the_report_has_the_fixed_keys_and_is_the_only_thing_on_standard_output(
    source: Path, model: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert label(source, source.with_name("out.csv"), model, "--json") == 0
    output = capsys.readouterr()
    report = json.loads(output.out)
    assert report.keys() >= REPORT_KEYS
    assert report["rows_in"] == ROWS == sum(report[k] for k in ("scored", "blank", "duplicates", "rejected"))
    assert report["labels"].keys() == {"负面", "中性", "正面"}
    assert "行" in output.err


@pytest.mark.parametrize("ending", ["csv", "xlsx", "parquet", "jsonl"])
def test_the_output_has_the_input_rows_in_order_and_our_columns_last(source: Path, model: str, ending: str) -> None:
    out = source.with_name(f"out.{ending}")
    assert label(source, out, model) == 0
    reader = {
        "csv": lambda: pd.read_csv(out, dtype=str, keep_default_na=False),
        "xlsx": lambda: pd.read_excel(out, dtype=str, engine="calamine", keep_default_na=False),
        "parquet": lambda: pd.read_parquet(out),
        "jsonl": lambda: pd.read_json(out, lines=True, dtype=False),
    }[ending]
    found, before = reader(), pd.read_csv(source, dtype=str, keep_default_na=False)
    assert list(found.columns) == [*before.columns, *EXPORT_COLUMNS]
    for name in before.columns:
        assert found[name].astype(str).tolist() == before[name].tolist()
    blank = before["评论内容"] == ""
    assert blank.sum() == 3
    assert found["情感"].fillna("").where(blank, "x").tolist() == ["" if b else "x" for b in blank]


def test_emotions_are_three_more_columns_and_survive_the_store_and_the_cache(source: Path, model: str) -> None:
    outs = [source.with_name(name) for name in ("a.csv", "b.csv")]
    assert label(source, outs[0], model, "--emotion") == 0
    assert label(source, outs[1], model, "--emotion", "--fresh") == 0  # every score from the cache
    found = pd.read_csv(outs[0], keep_default_na=False, dtype=str)
    assert list(found.columns[-9:]) == [*EXPORT_COLUMNS, *EMOTION_EXPORT_COLUMNS]
    scored = found["情感"] != ""
    assert set(found.loc[scored, "情绪"]) <= set(EMOTIONS)
    assert found.loc[scored, "情绪概率"].astype(float).between(1 / len(EMOTIONS), 1).all()
    assert found.loc[scored, "冒犯概率"].astype(float).between(0, 1).all()
    assert (found.loc[~scored, list(EMOTION_EXPORT_COLUMNS)] == "").all(axis=None)
    assert outs[0].read_bytes() == outs[1].read_bytes()


def test_check_tells_emotions_only_when_asked(model: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "难吃", "--backend", model, "--json", "--emotion"]) == 0
    assert main(["check", "难吃", "--backend", model, "--json"]) == 0
    asked, plain = (json.loads(line)[0] for line in capsys.readouterr().out.splitlines())
    assert asked["emotion"] == "愤怒"
    assert 0 <= asked["p_offensive"] <= 1
    assert "emotion" not in plain


def test_a_rejected_row_comes_back_too(tmp_path: Path, model: str, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "in.jsonl"
    path.write_text('{"content": "很好"}\n{broken\n{"content": "难吃"}\n', "utf-8")
    assert label(path, tmp_path / "out.jsonl", model, "--json") == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["rows_in"], report["rejected"]) == (3, 1)
    rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text("utf-8").splitlines()]
    assert [row["情感"] for row in rows] == ["正面", None, "负面"]
    assert rows[1]["content"] == "{broken"


def test_the_header_of_a_second_file_is_counted_as_rejected_and_comes_back(
    tmp_path: Path, model: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "in.csv"
    path.write_text("编号,评论\n1,很好\n编号,评论\n2,难吃\n3,很好\n", "utf-8")
    assert label(path, tmp_path / "out.csv", model, "--json") == 0
    report = json.loads(capsys.readouterr().out)
    assert [report[k] for k in ("rows_in", "scored", "blank", "duplicates", "rejected")] == [4, 2, 0, 1, 1]
    written = pd.read_csv(tmp_path / "out.csv", dtype=str, keep_default_na=False)
    assert written.iloc[1, :3].tolist() == ["编号", "评论", ""]
    assert written["情感"].tolist() == ["正面", "", "负面", "正面"]


def test_rows_that_a_comma_without_quotes_may_have_cut_are_told_of(
    tmp_path: Path, model: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "in.csv"
    path.write_text("编号,评论\n1,很好,喜欢\n2,难吃\n3,一般\n", "utf-8")
    assert label(path, tmp_path / "out.csv", model) == 0
    assert "单元格比表头多或少:1 行" in capsys.readouterr().out


@pytest.mark.parametrize("as_json", [True, False])
def test_what_was_noticed_in_reading_stands_in_the_report(
    tmp_path: Path, model: str, capsys: pytest.CaptureFixture[str], as_json: bool
) -> None:
    path = tmp_path / "in.csv"
    path.write_text("2026-09-01,东西很好用\n2026-09-02,物流太慢了等了一周\n", "utf-8")
    assert label(path, tmp_path / "out.csv", model, *(["--json"] if as_json else [])) == 0
    output = capsys.readouterr().out
    if as_json:
        (noted,) = json.loads(output)["notes"]
        assert (noted["file"], "没有找到表头" in noted["note"]) == ("in.csv", True)
    else:
        assert "读取说明:in.csv:没有找到表头" in output


def test_a_second_run_answers_from_the_store(source: Path, model: str, capsys: pytest.CaptureFixture[str]) -> None:
    outs = [source.with_name(name) for name in ("a.csv", "b.csv", "c.csv")]
    for out, more in zip(outs, ([], [], ["--fresh"]), strict=True):
        assert label(source, out, model, "--json", *more) == 0
    reports = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert outs[0].read_bytes() == outs[1].read_bytes() == outs[2].read_bytes()
    # only the export is new the second time
    spent = [{stage: time for stage, time in report["seconds"].items() if stage != "export"} for report in reports]
    assert spent[0] == spent[1]
    assert all(report["cache_hits"] == 0 for report in reports)  # --fresh forgets what the texts scored


def test_named_columns_and_options_are_obeyed(source: Path, model: str, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--text", "店铺", "--time", "评论时间", "--neutral-band", "0.99", "--mask-pii", "--json"]
    assert label(source, source.with_name("out.csv"), model, *options) == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["duplicates"], report["labels"]["中性"], report["settings"]["mask_pii"]) == (ROWS - 7, ROWS, True)


def test_several_files_become_one_output(source: Path, tmp_path: Path, model: str) -> None:
    comments(tmp_path / "more.csv", 25, seed=2)
    args = ["label", str(source), str(tmp_path / "more.csv"), "-o", str(tmp_path / "out.csv"), "--backend", model]
    assert main(args) == 0
    assert len(pd.read_csv(tmp_path / "out.csv")) == ROWS + 25


@pytest.mark.parametrize("ending", ["csv", "xlsx", "parquet", "jsonl"])
def test_a_result_in_the_folder_it_was_made_from_is_not_counted_again(
    tmp_path: Path, model: str, capsys: pytest.CaptureFixture[str], ending: str
) -> None:
    (tmp_path / "夹").mkdir()
    comments(tmp_path / "夹" / "一.csv", ROWS)
    for _ in range(2):
        assert label(tmp_path / "夹", tmp_path / "夹" / f"结果.{ending}", model, "--json") == 0
        assert json.loads(capsys.readouterr().out)["rows_in"] == ROWS


def test_a_file_with_an_old_time_of_change_keeps_its_dates_and_the_rest_is_explained(
    tmp_path: Path, model: str, capsys: pytest.CaptureFixture[str]
) -> None:
    source, out = tmp_path / "旧.csv", tmp_path / "out.csv"
    source.write_text("评论,时间\n很好呀,2024-03-01\n差呀,昨天\n", encoding="utf-8")
    os.utime(source, (315_532_800, 315_532_800))  # 1980: what a zip without times leaves
    assert label(source, out, model) == 0
    said = capsys.readouterr().out
    assert "时间无法识别:1 行" in said
    assert DOUBTFUL_REFERENCE in said
    with closing(open_store()) as store, closing(store.table(store.catalogue.jobs()[0].id)) as table:
        assert table.query("SELECT time FROM comments ORDER BY row")["time"].isna().tolist() == [False, True]


def test_forced_reading_options_are_obeyed(tmp_path: Path, model: str) -> None:
    (tmp_path / "in.csv").write_bytes("标题\n\n编号;评论内容\n1;很好,喜欢\n2;难吃\n".encode("gb18030"))
    options = ["--encoding", "gb18030", "--delimiter", ";", "--header-row", "3"]
    assert label(tmp_path / "in.csv", tmp_path / "out.csv", model, *options) == 0
    assert pd.read_csv(tmp_path / "out.csv")["评论内容"].tolist() == ["很好,喜欢", "难吃"]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ([], "I03"),
        (["sing"], "I03"),
        (["label"], "I03"),
        (["label", "in.csv"], "I03"),
        (["label", "in.csv", "-o", "out.csv", "--colour"], "I03"),
        (["label", "in.csv", "-o", "out.csv", "--neutral-band", "much"], "I03"),
        (["label", "in.csv", "-o", "out.csv", "--neutral-band", "1"], "I03"),
        (["label", "in.csv", "-o", "out.doc"], "E01"),
        (["label", "in.csv", "-o", "nowhere/out.csv"], "E02"),
        (["label", "in.csv", "-o", "data.csv/"], "E02"),
        (["label", "in.csv", "-o", "in.csv/out.csv"], "E02"),
        (["label", "in.csv", "-o", "听" * 84 + ".csv"], "E02"),
        (["label", "in.csv", "-o", "听" * 84 + "/out.csv"], "E02"),
        (["label", "none.csv", "-o", "out.csv"], "R01"),
        (["label", "in.csv", "-o", "out.csv", "--text", "没有的列"], "R04"),
        (["label", "numbers.csv", "-o", "out.csv"], "R03"),
        (["label", "in.csv", "-o", "in.csv"], "E05"),
        (["label", "in.csv", "-o", "out.csv", "--backend", "no-such-model"], "M01"),
        (["check", "很好", "--backend", "no-such-model"], "M01"),
        (["evaluate", "in.csv", "--text", "评论内容", "--label", "没有"], "I04"),
        (["jobs", "delete", "feedfeedfeed"], "J04"),
        (["jobs", "resume"], "J04"),
        (["jobs", "dance"], "I03"),
        (["serve", "--host", "0.0.0.0"], "I05"),  # noqa: S104
        (["serve", "--port", "99999"], "I03"),
    ],
)
def test_what_a_person_can_set_right_is_said_in_chinese_with_a_code_and_exit_2(
    source: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], code: str
) -> None:
    source.with_name("numbers.csv").write_text("a,b\n1,2\n3,4\n", "utf-8")
    source.with_name("data.csv").mkdir()
    assert main(arguments) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.splitlines()[-1].startswith(f"[{code}] ")
    assert "Traceback" not in output.err
    assert not source.with_name("out.csv").exists()


def test_check_answers_every_text_in_order(model: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "很好", "", "难吃", "--backend", model, "--json"]) == 0
    answers = json.loads(capsys.readouterr().out)
    assert [a["label"] for a in answers] == ["正面", None, "负面"]
    assert sum(answers[0]["probabilities"].values()) == pytest.approx(1, abs=1e-5)
    assert main(["check", "很好", "", "--backend", model]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "正面" in lines[0]
    assert "评论为空" in lines[1]


def test_check_reads_lines_from_standard_input(
    model: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("很好\n难吃\n"))
    assert main(["check", "-", "--backend", model, "--json"]) == 0
    assert [a["label"] for a in json.loads(capsys.readouterr().out)] == ["正面", "负面"]


def test_models_lists_what_backend_takes(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "--json"]) == 0
    names = [model["name"] for model in json.loads(capsys.readouterr().out)]
    assert names[:4] == ["builtin", "tiny", "cascade:0.7000:builtin", "structbert"]
    assert main(["models"]) == 0
    assert "内置小模型" in capsys.readouterr().out


def test_jobs_are_listed_and_deleted(source: Path, model: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["jobs"]) == 0
    assert "还没有任务" in capsys.readouterr().out
    label(source, source.with_name("out.csv"), model)
    capsys.readouterr()
    assert main(["jobs", "list", "--json"]) == 0
    job = json.loads(capsys.readouterr().out)[0]
    assert (job["state"], job["rows_done"], job["rows_total"]) == ("done", ROWS, ROWS)
    assert main(["jobs"]) == 0
    assert "完成" in capsys.readouterr().out
    assert main(["jobs", "resume", job["id"]]) == 0
    assert main(["jobs", "delete", job["id"]]) == 0
    store = open_store()
    assert store.catalogue.jobs() == []
    store.close()


def test_a_job_is_resumed_from_another_folder(
    source: Path, model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert label(Path(source.name), Path("out.csv"), model) == 0
    with closing(open_store()) as store:
        (job,) = store.catalogue.jobs()
    assert job.spec.sources[0].path == source
    assert job.spec.sources[0].name == source.name
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert main(["jobs", "resume", job.id]) == 0


def test_the_second_model_of_a_cascade_is_named_for_any_folder(
    model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(Path(model).parent)
    here = Path(model).name
    assert lasting_name(f"cascade:0.9:./{here}#onnx-fp32") == f"cascade:0.9000:{model}#onnx-fp32"
    assert lasting_name("cascade:0.9:builtin") == "cascade:0.9:builtin"
    monkeypatch.setenv("TINGFENG_CASCADE_BACKEND", here)
    get_settings.cache_clear()
    assert lasting_name("cascade") == f"cascade:0.9000:{model}"


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_explains_itself(command: str) -> None:
    done = run_core(command, "--help") if command != "train" else run_core("train")
    assert "用法" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_the_first_line_of_help_names_the_commands() -> None:
    done = run_core("--help")
    assert done.returncode == 0
    assert all(name in done.stdout for name in COMMANDS)


def test_importing_core_loads_nothing_heavy() -> None:
    code = (
        "import sys, time; t = time.perf_counter(); import core; s = time.perf_counter() - t\n"
        "heavy = {'torch', 'modelscope', 'onnxruntime', 'pandas', 'numpy', 'duckdb', 'pyarrow', 'jieba'}\n"
        "print(s < 0.5, sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "True []\n"


def test_the_public_names_of_core_are_sorted_and_all_there() -> None:
    code = (
        "import core; assert core.__all__ == sorted(core.__all__); [getattr(core, n) for n in core.__all__]\n"
        "from core.read import read; assert set(core.__all__) <= set(dir(core))"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_a_pipe_that_closes_early_is_no_crash(model: str) -> None:
    line = f"'{sys.executable}' -m core models | true; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", line], cwd=ROOT, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr


def run_core(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "core", *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        text=True,
        check=False,
    )

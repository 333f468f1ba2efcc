"""Whole tables over HTTP: upload, progress, result, pause, resume, delete; nothing of the machine gets out."""

from __future__ import annotations

import io
import json
import threading
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import numpy as np
import pandas as pd
import pytest
from fastapi.testclient import TestClient
from numpy.typing import NDArray

from core.errors import StoreError
from core.jobs import Jobs
from core.schema import Backend, JobState
from core.store import Uploads
from tests.api import conftest
from tests.api.conftest import TwoWords

Make = Callable[..., TestClient]
Manager = Callable[[], Jobs]
LONG = 60.0
SECRET = "绝不能出现在错误里的评论"
CSV = (
    "编号,评论内容,评论时间\n1,质量很好,2026-09-01 12:00:00\n2,太差了,2026-09-02\n"
    "3,,\n4,=1+1 一般,昨天\n5,质量很好,看不清\n"
)


def send(client: TestClient, *files: tuple[str, bytes | str], **fields: Any) -> Any:
    parts = [("file", (name, data if isinstance(data, bytes) else data.encode())) for name, data in files]
    return client.post("/api/jobs", files=parts, data=fields)


def finished(client: TestClient, jobs: Manager, *files: tuple[str, bytes | str], **fields: Any) -> dict[str, Any]:
    """Submit and wait for the end; returns the job as the API shows it."""
    answer = send(client, *files, **fields)
    assert answer.status_code == 202, answer.text
    jobs().wait(answer.json()["id"], LONG)
    found: dict[str, Any] = client.get(f"/api/jobs/{answer.json()['id']}").json()
    return found


def test_a_table_goes_in_and_comes_back_labelled(client: Make, jobs: Manager) -> None:
    made = client()
    answer = send(made, ("评论.csv", CSV))
    assert answer.status_code == 202
    body = answer.json()
    assert answer.headers["location"] == f"/api/jobs/{body['id']}"
    jobs().wait(body["id"], LONG)
    job = made.get(answer.headers["location"]).json()
    assert (job["state"], job["name"], job["rows_done"], job["rows_total"]) == ("done", "评论.csv", 5, 5)
    assert (job["eta_seconds"], job["error"], job["error_code"]) == (0, None, None)
    report = job["report"]
    assert report["rows_in"] == 5 == report["scored"] + report["blank"] + report["duplicates"] + report["rejected"]
    assert (report["model"], report["labels"]) == ("two-words", {"负面": 1, "中性": 1, "正面": 2})
    assert report["problems"] == [{"file": "评论.csv", "row_number": 4, "reason": "empty"}]


@pytest.mark.parametrize("form", ["csv", "xlsx", "parquet", "jsonl"])
def test_the_result_is_a_file_with_a_chinese_name(client: Make, jobs: Manager, form: str) -> None:
    made = client()
    job = finished(made, jobs, ("九月 评论.csv", CSV))
    answer = made.get(f"/api/jobs/{job['id']}/result", params={"format": form})
    assert answer.status_code == 200
    assert int(answer.headers["content-length"]) == len(answer.content)
    disposition = answer.headers["content-disposition"]
    assert disposition.isascii()
    assert unquote(disposition.partition("filename*=UTF-8''")[2]) == f"九月 评论_已打标.{form}"
    reading = {"csv": pd.read_csv, "xlsx": pd.read_excel, "parquet": pd.read_parquet}
    if form == "xlsx":
        frame = pd.read_excel(io.BytesIO(answer.content), engine="calamine")
    elif form == "jsonl":
        frame = pd.DataFrame([json.loads(line) for line in answer.text.splitlines()])
    else:
        frame = reading[form](io.BytesIO(answer.content))
    assert list(frame.columns)[:4] == ["编号", "评论内容", "评论时间", "情感"]
    assert frame["情感"].tolist()[:2] == ["正面", "负面"]


def test_formulas_in_a_result_cannot_run(client: Make, jobs: Manager) -> None:
    made = client()
    job = finished(made, jobs, ("a.csv", CSV))
    text = made.get(f"/api/jobs/{job['id']}/result").content.decode("utf-8-sig")
    assert "'=1+1 一般" in text
    assert "\n4,=1+1" not in text


def test_the_form_decides_columns_model_options_and_name(client: Make, jobs: Manager) -> None:
    made = client()
    table = "甲,乙,丙\n差差差差差差差差,好 13800138000,2026-09-01\n差差差差差差差差差,一般,2026-09-02\n"
    fields = {
        "text": "乙",
        "time": "丙",
        "backend": "two-words",
        "neutral_band": "0.9",
        "mask_pii": "true",
        "name": "我的任务",
    }
    job = finished(made, jobs, ("t.csv", table), **fields)
    assert (job["name"], job["report"]["labels"]) == ("我的任务", {"负面": 0, "中性": 2, "正面": 0})
    assert (job["report"]["settings"]["mask_pii"], job["report"]["undated"]) == (True, 0)


def test_several_files_make_one_job_and_the_same_again_is_the_same_job(client: Make, jobs: Manager) -> None:
    made = client()
    files = [("a.csv", CSV), ("a.csv", CSV.replace("太差了", "还行"))]
    job = finished(made, jobs, *files)
    assert (job["rows_total"], job["name"]) == (10, "a.csv 等 2 个表")
    again = send(made, *files)
    assert (again.json()["id"], again.json()["state"]) == (job["id"], "done")
    listed = made.get("/api/jobs").json()
    assert (listed["count"], [j["id"] for j in listed["jobs"]]) == (1, [job["id"]])


def test_jobs_of_the_dashboard_are_listed_page_by_page(client: Make, jobs: Manager) -> None:
    made = client()
    for i in range(3):
        finished(made, jobs, (f"{i}.csv", CSV + f"9,第{i}个,\n"))
    assert [job.spec.name for job in jobs().list()] == ["2.csv", "1.csv", "0.csv"]
    page = made.get("/api/jobs", params={"limit": 1, "offset": 1}).json()
    assert (page["count"], [j["name"] for j in page["jobs"]]) == (3, ["1.csv"])
    assert "report" not in page["jobs"][0]


class Held(TwoWords):
    """Scores nothing until ``go`` is set."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.begun = threading.Event()

    def score(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.begun.set()
        assert self.go.wait(LONG)
        return super().score(texts)


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Held:
    model = Held()
    monkeypatch.setattr(conftest, "TwoWords", lambda: model)
    return model


def test_a_job_can_be_paused_resumed_and_has_no_result_before_its_end(client: Make, jobs: Manager, held: Held) -> None:
    made = client()
    rows = "".join(f"{i},第{i}条评论很好,2026-09-01\n" for i in range(3000))
    identity = send(made, ("a.csv", "编号,评论内容,评论时间\n" + rows)).json()["id"]
    assert held.begun.wait(LONG)
    early = made.get(f"/api/jobs/{identity}/result")
    assert (early.status_code, early.json()["code"]) == (409, "A37")
    assert made.get(f"/api/jobs/{identity}").json()["state"] == "running"
    assert made.post(f"/api/jobs/{identity}/resume").json()["code"] == "J05"
    assert made.post(f"/api/jobs/{identity}/pause").status_code == 202
    threading.Event().wait(1)  # a run looks several times a second whether it is to stop
    held.go.set()
    assert jobs().wait(identity, LONG).state is JobState.PAUSED
    refused = made.post(f"/api/jobs/{identity}/pause")
    assert (refused.status_code, refused.json()["code"]) == (409, "J05")
    assert made.post(f"/api/jobs/{identity}/resume").status_code == 202
    assert jobs().wait(identity, LONG).state is JobState.DONE
    assert made.get(f"/api/jobs/{identity}/result").status_code == 200


def test_deleting_a_job_deletes_its_upload_and_its_rows(client: Make, jobs: Manager) -> None:
    made = client()
    job = finished(made, jobs, ("a.csv", CSV))
    answer = made.delete(f"/api/jobs/{job['id']}")
    assert (answer.status_code, answer.content) == (204, b"")
    assert not [path for path in jobs().store.folder.rglob("*") if path.suffix in {".csv", ".parquet"}]
    for request in (made.get, made.delete):
        gone = request(f"/api/jobs/{job['id']}")
        assert (gone.status_code, gone.json()["code"]) == (404, "J04")


def test_jobs_survive_the_process(client: Make, jobs: Manager, held: Held) -> None:
    made = client()
    identity = send(made, ("a.csv", CSV)).json()["id"]
    assert held.begun.wait(LONG)
    threading.Timer(0.2, held.go.set).start()
    jobs().shutdown()
    later = Jobs(jobs().store, load_backend=lambda _: held)
    try:
        if later.get(identity).state is not JobState.DONE:
            later.resume(identity)
        assert later.wait(identity, LONG).state is JobState.DONE
    finally:
        later.shutdown()


def bomb() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("a.csv", b"a" * 200_000_000)
    return packed.getvalue()


BAD: list[tuple[str, Any, dict[str, str], int, str]] = [
    ("empty", b"", {}, 422, "R02"),
    ("a picture", b"\x89PNG\r\n\x1a\n" + b"\0" * 100, {}, 422, "R05"),
    ("no comment column", "a,b\n1,2\n3,4\n", {}, 422, "R03"),
    ("no such column", f"评论,{SECRET}\n{SECRET},2\n", {"text": "没有"}, 422, "R04"),
    ("no such time", CSV, {"time": SECRET}, 422, "R04"),
    ("no such model", CSV, {"backend": "/etc"}, 400, "A31"),
    ("no emotions", CSV, {"emotion": "true"}, 400, "A33"),
    ("band", CSV, {"neutral_band": "1"}, 422, "A21"),
    ("band nan", CSV, {"neutral_band": "nan"}, 422, "A21"),
    ("unknown field", CSV, {"path": "/etc/passwd"}, 422, "A21"),
    ("long name", CSV, {"name": "长" * 81}, 422, "A21"),
    ("too large", CSV + f"9,{'好' * 400_000},\n", {}, 413, "S07"),
]


@pytest.mark.parametrize("bad", BAD, ids=[bad[0] for bad in BAD])
def test_a_bad_upload_is_refused_in_the_one_shape_and_leaves_nothing(
    client: Make, jobs: Manager, bad: tuple[str, Any, dict[str, str], int, str]
) -> None:
    _, data, fields, status, code = bad
    answer = send(client(), (f"{SECRET}.csv" if code == "A21" else "a.csv", data), **fields)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert set(answer.json()) == {"error", "code", "hint"}
    assert SECRET not in answer.text
    assert str(jobs().store.folder) not in answer.text
    assert jobs().list() == []
    assert not list(jobs().store.folder.glob("uploads/*"))


def test_a_zip_that_inflates_too_far_is_refused(client: Make, jobs: Manager) -> None:
    answer = send(client(), ("a.zip", bomb()))
    assert (answer.status_code, answer.json()["code"]) == (413, "R07")


def test_a_refused_upload_leaves_the_file_of_a_job_alone(client: Make, jobs: Manager) -> None:
    made = client()
    job = finished(made, jobs, ("a.csv", CSV))
    assert send(made, ("a.csv", CSV), text="没有").status_code == 422
    assert Path(jobs().get(job["id"]).spec.sources[0].path).is_file()


def test_a_form_without_files_or_with_a_text_for_a_file_is_refused(client: Make) -> None:
    made = client()
    for answer in (
        made.post("/api/jobs"),
        made.post("/api/jobs", data={"file": SECRET}),
        made.post("/api/jobs", json={"file": ["/etc/passwd"]}),
        made.post("/api/jobs", content=b"xx", headers={"Content-Type": "multipart/form-data; boundary=q"}),
    ):
        assert answer.status_code in {400, 422}
        assert set(answer.json()) == {"error", "code", "hint"}
        assert SECRET not in answer.text


def test_more_files_than_allowed_are_refused(client: Make) -> None:
    answer = send(client(api_max_files=2), *[(f"{i}.csv", CSV) for i in range(3)])
    assert (answer.status_code, answer.json()["code"]) == (413, "A39")


def test_an_upload_may_be_larger_than_other_bodies_but_not_without_end(client: Make) -> None:
    big = CSV + "9,好,\n" * 150_000
    made = client(api_max_body_mb=0, api_max_upload_mb=1)
    assert send(made, ("a.csv", CSV)).status_code == 202
    answer = send(made, ("a.csv", big), ("b.csv", big))
    assert (answer.status_code, answer.json()["code"]) == (413, "A24")


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "C:\\Windows\\win.ini", "..", "", "a\x00b\n.csv", "长" * 300 + ".csv"]
)
def test_a_file_name_cannot_point_anywhere(client: Make, jobs: Manager, name: str) -> None:
    answer = send(client(), (name, CSV))
    if answer.status_code == 202:
        shown = answer.json()["name"]
        assert not set("/\\\0\n") & set(shown)
        path = Path(jobs().list()[0].spec.sources[0].path)
        assert path.parent.parent == jobs().store.folder / "uploads"
    else:
        assert answer.status_code in {400, 422}


def test_no_folder_of_this_machine_is_ever_shown(
    client: Make, jobs: Manager, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    made = client()
    job = finished(made, jobs, ("a.csv", CSV))
    assert str(tmp_path) not in made.get(f"/api/jobs/{job['id']}").text
    said = str(StoreError("S03", f"磁盘空间不足,无法写入 {tmp_path}。", "请腾出空间后重试。"))
    jobs().store.catalogue.update(job["id"], state=JobState.FAILED, error=said)
    failed = made.get(f"/api/jobs/{job['id']}").json()
    assert (failed["error_code"], str(tmp_path) in json.dumps(failed, ensure_ascii=False)) == ("S03", False)

    def full(*_: Any) -> Path:
        raise StoreError("S03", f"磁盘空间不足,无法写入 {tmp_path}。", "请腾出空间后重试。")

    monkeypatch.setattr(Uploads, "take_in", full)
    answer = send(made, ("a.csv", CSV))
    assert (answer.status_code, answer.json()["code"]) == (507, "S03")
    assert str(tmp_path) not in answer.text


def test_what_was_noticed_in_reading_is_reported_without_folders(client: Make, jobs: Manager, tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("甲.csv", CSV)
        archive.writestr("说明.bin", b"\x00\x01\x02" * 50)
    bare = "2026-09-01,东西很好用\n2026-09-02,物流太慢了等了一周\n"
    job = finished(client(), jobs, ("导出.zip", packed.getvalue()), ("乙.csv", bare))
    notes = job["report"]["notes"]
    assert [n["file"] for n in notes] == ["导出.zip/甲.csv", "乙.csv"]
    assert "没有读取:导出.zip/说明.bin。" in notes[0]["note"]
    assert "没有找到表头" in notes[1]["note"]
    assert str(tmp_path) not in json.dumps(notes, ensure_ascii=False)


def test_a_job_whose_model_is_a_folder_shows_only_its_name(client: Make, jobs: Manager) -> None:
    def load(_name: str) -> Backend:
        return TwoWords()

    made = client(backends=load, backend="/srv/models/ours")
    answer = send(made, ("a.csv", CSV))
    assert (answer.status_code, answer.json()["model"]) == (202, "ours")
    assert "/srv" not in answer.text
    assert made.get("/api/health").json()["model"] == "ours"
    assert made.post("/api/sentiment", json={"text": "好"}).json()["model"] == "ours"


@pytest.mark.parametrize("identity", ["0" * 24, "x", "..%2f..", "0" * 64])
def test_an_unknown_job_is_refused(client: Make, identity: str) -> None:
    for method, path in (("GET", ""), ("GET", "/result"), ("POST", "/pause"), ("POST", "/resume"), ("DELETE", "")):
        answer = client().request(method, f"/api/jobs/{identity}{path}")
        assert answer.status_code in {404, 422}
        assert answer.json()["code"] in {"J04", "A21", "A28", "A29"}

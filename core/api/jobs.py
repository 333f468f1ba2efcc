"""The job endpoints: submit, list, inspect, download, pause, resume, delete."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import IO, Annotated, Any, Final
from urllib.parse import quote

from anyio import to_thread
from fastapi import FastAPI, Form, Path, Query, Request, Response
from starlette.responses import StreamingResponse

from core.api.job_bodies import Format, JobBody, JobList, Upload
from core.api.job_service import JobService
from core.api.problems import RESPONSES

__all__ = ["add_jobs"]

_PIECE: Final = 1 << 18
_TYPES: Final[dict[str, str]] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "parquet": "application/vnd.apache.parquet",
    "jsonl": "application/jsonl",
}
_ERRORS: Final[dict[int | str, dict[str, Any]]] = {s: RESPONSES[s] for s in (401, 403, 422, 500, 501)}
_ONE: Final[dict[int | str, dict[str, Any]]] = {**_ERRORS, 404: RESPONSES[404]}
_CHANGE: Final[dict[int | str, dict[str, Any]]] = {**_ONE, 409: RESPONSES[409]}
_SUBMIT: Final[dict[int | str, dict[str, Any]]] = {
    **{s: RESPONSES[s] for s in (400, 401, 403, 409, 413, 422, 429, 500, 501, 503, 507)},
    202: {"headers": {"Location": {"description": "任务的地址", "schema": {"type": "string"}}}},
}
_FILES: Final[dict[int | str, dict[str, Any]]] = {
    **_CHANGE,
    429: RESPONSES[429],
    507: RESPONSES[507],
    200: {
        "description": "结果文件,文件名在 Content-Disposition 里",
        "content": {kind.split(";")[0]: {"schema": {"type": "string", "format": "binary"}} for kind in _TYPES.values()},
    },
}

Id = Annotated[
    str, Path(alias="id", description="任务编号。", pattern=r"^[0-9a-f]{24}$", examples=["0123456789abcdef01234567"])
]


def add_jobs(app: FastAPI, job_service: JobService) -> None:
    """Add the job endpoints to ``app``."""
    _add_submit(app, job_service)
    _add_changes(app, job_service)

    @app.get("/jobs", tags=["任务"], summary="列出任务", responses=_ERRORS)
    def list_jobs(
        limit: Annotated[int, Query(ge=1, le=1000, description="最多几个。")] = 100,
        offset: Annotated[int, Query(ge=0, le=1_000_000, description="跳过几个。")] = 0,
    ) -> JobList:
        rows, count = job_service.listing(limit, offset)
        return JobList(jobs=rows, count=count)

    @app.get("/jobs/{id}", tags=["任务"], summary="任务的进度和报告", responses=_ONE)
    def get_job(identity: Id) -> JobBody:
        return job_service.status(identity)

    @app.get(
        "/jobs/{id}/result", tags=["任务"], summary="下载任务的结果", responses=_FILES, response_class=StreamingResponse
    )
    def get_result(
        identity: Id,
        format: Annotated[Format, Query(description="文件格式。")] = "csv",  # noqa: A002
    ) -> StreamingResponse:
        name, file = job_service.result(identity, format)
        size = file.seek(0, 2)
        file.seek(0)
        headers = {
            "Content-Length": str(size),
            "Content-Disposition": f"attachment; filename=\"result.{format}\"; filename*=UTF-8''{quote(name, safe='')}",
        }
        return StreamingResponse(_pieces(file), media_type=_TYPES[format], headers=headers)


def _add_submit(app: FastAPI, job_service: JobService) -> None:
    @app.post("/jobs", status_code=202, tags=["任务"], summary="上传评论表,开始打标", responses=_SUBMIT)
    def submit_job(
        form: Annotated[Upload, Form(media_type="multipart/form-data")], request: Request, response: Response
    ) -> JobBody:
        job = job_service.submit(form)
        response.headers["Location"] = request.url_for("get_job", id=job.id).path
        return job_service.status(job.id)


def _add_changes(app: FastAPI, job_service: JobService) -> None:
    @app.post("/jobs/{id}/pause", status_code=202, tags=["任务"], summary="暂停任务", responses=_CHANGE)
    def pause_job(identity: Id) -> JobBody:
        job_service.manager().pause(identity)
        return job_service.status(identity)

    @app.post("/jobs/{id}/resume", status_code=202, tags=["任务"], summary="继续任务", responses=_CHANGE)
    def resume_job(identity: Id) -> JobBody:
        job_service.manager().resume(identity)
        return job_service.status(identity)

    @app.delete("/jobs/{id}", status_code=204, tags=["任务"], summary="删除任务和它的数据", responses=_CHANGE)
    def delete_job(identity: Id) -> None:
        job_service.manager().delete(identity)


async def _pieces(file: IO[bytes]) -> AsyncIterator[bytes]:
    """Yield a file in pieces; close and thereby delete it at the end or when the caller disconnects."""
    try:
        while piece := await to_thread.run_sync(file.read, _PIECE):
            yield piece
    finally:
        file.close()

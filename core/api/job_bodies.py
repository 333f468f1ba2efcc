"""Request and response bodies of the job endpoints: the pydantic models behind the OpenAPI document."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final, Literal

from fastapi import UploadFile
from pydantic import BaseModel, ConfigDict, Field
from pydantic.json_schema import SkipJsonSchema

__all__ = ["Format", "JobBody", "JobList", "JobRow", "Note", "Problem", "Report", "Upload"]

Format = Literal["csv", "xlsx", "parquet", "jsonl"]
Band = Annotated[float, Field(ge=0, lt=1, allow_inf_nan=False)]
ModelName = Annotated[str, Field(max_length=200)]
Rows = Annotated[int, Field(ge=0)]
State = Literal["queued", "running", "paused", "cancelled", "failed", "done"]

_JOB: Final[dict[str, Any]] = {
    "id": "0123456789abcdef01234567",
    "name": "九月评论.csv",
    "state": "running",
    "rows_done": 4000,
    "rows_total": 10000,
    "eta_seconds": 6.5,
    "error": None,
    "error_code": None,
    "model": "builtin",
    "created": "2026-09-30T08:00:00Z",
    "updated": "2026-09-30T08:00:04Z",
    "report": None,
}


class Upload(BaseModel):
    """The form of ``POST /jobs``: the files and how to label them. Form fields have no null, nor does the schema."""

    model_config = ConfigDict(extra="forbid")

    file: list[UploadFile] = Field(
        min_length=1, description="评论表,可重复:CSV、TSV、Excel、ODS、JSON、JSONL、Parquet,或装着它们的 zip。"
    )
    text: list[str] = Field(default=[], description="评论在哪一列;可重复,多列会接在一起。不填则自动识别。")
    time: str | SkipJsonSchema[None] = Field(default=None, description="时间在哪一列;不填则自动识别。")
    backend: ModelName | SkipJsonSchema[None] = Field(
        default=None, description="模型名,见 GET /models;不填用服务的默认模型。"
    )
    neutral_band: Band | SkipJsonSchema[None] = Field(
        default=None, description="正负概率之差小于此值时判为中性;不填用服务的设置。"
    )
    mask_pii: bool = Field(default=False, description="遮盖手机号、身份证号、银行卡号、邮箱和 @昵称。")
    emotion: bool = Field(default=False, description="也给出情绪和冒犯概率;模型须有这些输出,内置模型有。")
    name: str = Field(default="", max_length=80, description="任务名;不填就用文件名。")


class Problem(BaseModel):
    """A row that was not scored."""

    file: str = Field(description="文件或工作表。")
    row_number: int = Field(description="行号,与表格软件里看到的一致。")
    reason: str = Field(description="原因,固定的英文词。")


class Note(BaseModel):
    """A remark on how a table was read."""

    file: str = Field(description="文件或工作表。")
    note: str = Field(description="读取时注意到的事,如没有找到表头、修复了编码;中文句子。")


class Report(BaseModel):
    """What a finished job did; ``rows_in = scored + blank + duplicates + rejected``."""

    rows_in: Rows = Field(description="读入的行数。")
    scored: Rows = Field(description="打标的行数。")
    blank: Rows = Field(description="没有内容可打标的行数。")
    duplicates: Rows = Field(description="与前面某行相同、沿用其结果的行数。")
    reexported: Rows = Field(default=0, description="其中就是前面某行那条评论、又导出了一次的行数;分析时只算一次。")
    rejected: Rows = Field(description="无法读取的行数。")
    undated: Rows = Field(description="时间无法识别的行数。")
    truncated: Rows = Field(description="过长、分段打标的行数。")
    cut: Rows = Field(description="其中末尾没有计入的行数。")
    ragged: Rows = Field(description="单元格比表头多或少的行数。")
    needs_review: Rows = Field(description="建议人工复核的行数。")
    labels: dict[str, int] = Field(description="每种情感的行数。")
    reasons: dict[str, int] = Field(description="没有打标的各种原因的行数。")
    problems: list[Problem] = Field(description="没有打标的行,最多 1000 行。")
    model: str = Field(description="模型名。")
    model_version: str = Field(description="模型版本。")
    cache_hits: Rows = Field(description="从缓存得到结果的文本数。")
    seconds: dict[str, float] = Field(description="各阶段用时,秒。")
    settings: dict[str, Any] = Field(description="打标时的选项。")
    notes: list[Note] = Field(default=[], description="读取说明:各个表读取时注意到的事。")


class JobRow(BaseModel):
    """A job in the list."""

    id: str = Field(description="任务编号。", examples=["0123456789abcdef01234567"])
    name: str = Field(description="任务名。")
    state: State = Field(description="状态。")
    rows_done: Rows = Field(description="已打标的行数。")
    rows_total: Rows | None = Field(description="总行数;还没清点时为 null。")
    eta_seconds: float | None = Field(ge=0, description="预计还要几秒;说不出时为 null。")
    error: str | None = Field(description="失败的原因。")
    error_code: str | None = Field(description="失败原因的固定代码。")
    model: str = Field(description="模型名。")
    created: datetime = Field(description="建立的时间,UTC。")
    updated: datetime = Field(description="最后一次变化的时间,UTC。")


class JobBody(JobRow):
    """One job with its report."""

    model_config = ConfigDict(json_schema_extra={"examples": [_JOB]})

    report: Report | None = Field(description="运行报告;完成后才有。")


class JobList(BaseModel):
    """Jobs, the latest first."""

    jobs: list[JobRow] = Field(description="任务,最新的在前。")
    count: int = Field(ge=0, description="任务总数。")

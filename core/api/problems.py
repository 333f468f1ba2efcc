"""All API errors in one format: ``{"error", "code", "hint"}``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from core.api.bodies import ErrorBody
from core.api.wording import public
from core.errors import ApiError, InputError, JobError, ModelError, ReadError, TingfengError

__all__ = ["RESPONSES", "SCORING", "install", "response", "told"]

#: What each status means, for the OpenAPI document.
RESPONSES: Final[dict[int | str, dict[str, Any]]] = {
    400: {"model": ErrorBody, "description": "输入为空,或模型不可用"},
    401: {"model": ErrorBody, "description": "密钥缺失或不对"},
    403: {"model": ErrorBody, "description": "来源不被允许"},
    404: {"model": ErrorBody, "description": "没有这个任务"},
    409: {"model": ErrorBody, "description": "任务现在的状态不允许"},
    413: {"model": ErrorBody, "description": "文本或文件过长、过多或过大"},
    415: {"model": ErrorBody, "description": "请求体是压缩过的"},
    422: {"model": ErrorBody, "description": "请求不符合格式,或文件读不出来"},
    429: {
        "model": ErrorBody,
        "description": "服务正忙",
        "headers": {"Retry-After": {"description": "几秒后再试", "schema": {"type": "integer"}}},
    },
    499: {"model": ErrorBody, "description": "请求方已断开"},
    500: {"model": ErrorBody, "description": "服务内部错误"},
    501: {"model": ErrorBody, "description": "这个服务不接受任务"},
    503: {"model": ErrorBody, "description": "模型无法载入,或服务正在关闭"},
    507: {"model": ErrorBody, "description": "磁盘空间不足"},
}
#: The subset that a scoring endpoint may return.
SCORING: Final[dict[int | str, dict[str, Any]]] = {
    s: RESPONSES[s] for s in (400, 401, 403, 413, 415, 422, 429, 499, 500, 503)
}

#: HTTP status of core errors, by code, otherwise by class; 500 for the rest.
_STATUSES: Final = {
    "J04": 404, "S05": 404, "S09": 409, "R07": 413, "S07": 413, "E04": 422, "M14": 400, "S03": 507, "E03": 507,
}  # fmt: skip
_STATUS_OF_KIND: Final[tuple[tuple[type[TingfengError], int], ...]] = (
    (JobError, 409),
    (ReadError, 422),
    (ModelError, 503),
    (InputError, 400),
)

#: Chinese reasons for pydantic's error types; the offending value is never echoed: it may be a comment.
_REASONS: Final = {
    "missing": "缺少这个字段",
    "json_invalid": "不是合法的 JSON",
    "string_type": "应为字符串",
    "string_unicode": "含有不成对的代理字符,不是合法的 Unicode 文本",
    "string_too_long": "过长",
    "list_type": "应为数组",
    "extra_forbidden": "没有这个字段",
    "float_type": "应为数字",
    "float_parsing": "应为数字",
    "finite_number": "应为有限的数字",
    "greater_than_equal": "过小",
    "less_than": "过大",
    "model_attributes_type": "应为 JSON 对象,请求头 Content-Type 应为 application/json",
    "dict_type": "应为 JSON 对象",
    "int_parsing": "应为整数",
    "bool_parsing": "应为 true 或 false",
    "bool_type": "应为 true 或 false",
    "less_than_equal": "过大",
    "too_short": "缺少内容",
    "literal_error": "不在可选的值里",
    "string_pattern_mismatch": "写法不对",
    "value_error": "不是文件",
}


def response(problem: TingfengError, status: int, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """Convert an error to a response.

    Args:
        problem: The error; the final full stop of its message is dropped.
        status: HTTP status.
        headers: Further headers such as ``Retry-After``.
    """
    message, hint = public(problem)
    body = {"error": message.removesuffix("。"), "code": problem.code, "hint": hint}
    own = problem.headers if isinstance(problem, ApiError) else {}
    return JSONResponse(body, status_code=status, headers={**own, **(headers or {})})


def install(app: Starlette) -> None:
    """Install handlers that give every kind of error of ``app`` the one format."""
    app.add_exception_handler(TingfengError, _tingfeng)
    app.add_exception_handler(RequestValidationError, _validation)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _unexpected)


def _status(problem: TingfengError) -> int:
    if isinstance(problem, ApiError):
        return problem.status
    if problem.code in _STATUSES:
        return _STATUSES[problem.code]
    return next((status for kind, status in _STATUS_OF_KIND if isinstance(problem, kind)), 500)


def told(problem: TingfengError) -> JSONResponse:
    """Return the response to an error, with the status of its code or class."""
    return response(problem, _status(problem))


async def _tingfeng(_request: Request, exc: Exception) -> JSONResponse:
    return told(exc if isinstance(exc, TingfengError) else _surprise())


async def _validation(_request: Request, exc: Exception) -> JSONResponse:
    errors: Sequence[Mapping[str, Any]] = exc.errors() if isinstance(exc, RequestValidationError) else ()
    reasons = dict.fromkeys(
        f"{_place(e)}{_REASONS.get(str(e['type']), '不符合格式')}" for e in errors if e["type"] != "none_required"
    )
    said = ";".join(list(reasons)[:5])
    return response(ApiError("A21", f"请求不符合格式:{said}。", "格式与例子见 /api/docs。", status=422), 422)


#: Parts of an error location that are not field names; pydantic's union branches have a hyphen or are ``none``.
_UNNAMED: Final = frozenset({"body", "query", "path", "none"})


def _place(error: Mapping[str, Any]) -> str:
    if error["type"] in {"json_invalid", "extra_forbidden"}:  # the location is an offset or a caller-chosen name
        return ""
    names = [str(part) for part in error["loc"] if part not in _UNNAMED and "-" not in str(part)]
    return f"{'.'.join(names)} " if names else ""


async def _http(request: Request, exc: Exception) -> JSONResponse:
    status = exc.status_code if isinstance(exc, HTTPException) else 500
    headers = exc.headers if isinstance(exc, HTTPException) else None
    if status == 404:
        problem = ApiError("A28", "没有这个地址。", "可用的地址见 /api/docs。", status=404)
    elif status == 405:
        problem = ApiError("A29", f"这个地址不接受 {request.method} 请求。", "可用的方法见 /api/docs。", status=405)
    elif status == 400 and request.headers.get("content-type", "").lower().startswith("application/json"):
        said = "请求体不是 UTF-8 编码的 JSON"
        problem, status = ApiError("A21", f"请求不符合格式:{said}。", "格式与例子见 /api/docs。", status=422), 422
    elif status == 413:
        problem = ApiError("A24", "请求体过大。", "请分成几次发送。", status=413)
    else:
        problem = ApiError("A32", f"请求无法处理(HTTP {status})。", "格式与例子见 /api/docs。", status=status)
    return response(problem, status, headers)


async def _unexpected(_request: Request, _exc: Exception) -> JSONResponse:
    return response(_surprise(), 500)


def _surprise() -> ApiError:
    return ApiError("A30", "服务内部发生意外错误。", "请稍后重试;如果仍然出现,请查看服务的日志。", status=500)

"""Access control: the Host header, the browser's origin, the API key and the size of the body.

Without a key only this machine may call, and only by a local host name: a web page that makes the browser call
``localhost`` (cross-site request, DNS rebinding) is refused. Beyond localhost a key is always required.
"""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Collection
from functools import lru_cache
from hashlib import sha256
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.api.problems import response
from core.errors import ApiError
from core.settings import Settings

__all__ = ["Guard", "Rules", "is_local", "path_of"]

#: Served without a key: they expose nobody's data.
_OPEN: Final = frozenset({"/health", "/docs", "/openapi.json", "/"})
_OPEN_FOLDER: Final = "/static-offline-docs/"
#: Accepts whole tables; every other body is a few texts.
_UPLOADS: Final = "/jobs"


@lru_cache(maxsize=256)
def is_local(host: str) -> bool:
    """Return whether a host name or address is a loopback one.

    Args:
        host: Name or IP address without a port; ``0.0.0.0`` and ``::`` listen everywhere and are not local.

    Example:
        >>> is_local("localhost"), is_local("127.0.0.1"), is_local("::1"), is_local("0.0.0.0"), is_local("evil.cn")
        (True, True, True, False, False)
    """
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Rules:
    """The access rules described in the module docstring, applied to one request.

    Args:
        settings: For ``host``, ``api_key_sha256``, ``api_hosts``, ``api_max_body_mb`` and ``api_max_upload_mb``.
        origins: Web origins whose pages may call, see ``core.api.cors``.
    """

    def __init__(self, settings: Settings, origins: Collection[str] = ()) -> None:
        self._hashes = [h.strip().lower().encode() for h in settings.api_key_sha256.split(",") if h.strip()]
        self._hosts = {h.strip().lower() for h in settings.api_hosts.split(",") if h.strip()}
        self._bound_local = is_local(settings.host)
        self._origins = frozenset(origins)
        self._body_mb, self._upload_mb = settings.api_max_body_mb, settings.api_max_upload_mb

    def refusal(self, scope: Scope) -> ApiError | None:
        """Return why a request is refused; None if it is not."""
        headers = Headers(scope=scope)
        if not self._known_host(headers) or _foreign(headers, self._origins):
            return ApiError(
                "A27",
                "这个请求的来源不被允许。",
                "请用 http://localhost 访问;经过反向代理时,请把域名写进 TINGFENG_API_HOSTS。",
                status=403,
            )
        if not _is_open(scope):
            refused = self._check_key(scope, headers)
            if refused is not None:
                return refused
        if headers.get("content-encoding", "identity").lower() != "identity":
            return ApiError("A40", "请求体是压缩过的。", "请不压缩地发送,不带 Content-Encoding。", status=415)
        length, limit_mb = headers.get("content-length", "0"), self.limit_mb(scope)
        if length.isdigit() and int(length) > limit_mb * 1_000_000:
            return ApiError("A24", "请求体过大。", f"上限是 {limit_mb} MB,请分成几次发送。", status=413)
        return None

    def limit_mb(self, scope: Scope) -> int:
        """Return the body limit of a request in megabytes."""
        return self._upload_mb if scope["method"] == "POST" and path_of(scope) == _UPLOADS else self._body_mb

    def _known_host(self, headers: Headers) -> bool:
        name = _host_name(headers.get("host", ""))
        if is_local(name) or name in self._hosts:
            return True
        # A server reached over the network may have many host names; there the key is the protection.
        return not self._hosts and bool(self._hashes)

    def _check_key(self, scope: Scope, headers: Headers) -> ApiError | None:
        if not self._hashes:
            if self._bound_local and not self._hosts and _arrived_locally(scope, headers):
                return None
            hint = "请先设置 TINGFENG_API_KEY_SHA256,做法见 docs/api.md。"
            return ApiError("A26", "从别的机器访问接口需要密钥。", hint, status=403)
        given = headers.get("x-api-key", "") or _bearer(headers)
        digest = sha256(given.encode("utf-8", "surrogateescape")).hexdigest().encode()
        # compare every hash: the timing must not reveal which one matched
        if sum(hmac.compare_digest(digest, known) for known in self._hashes):
            return None
        hint = "请在请求头 X-API-Key 或 Authorization: Bearer 里带上密钥。"
        return ApiError("A25", "密钥缺失或不正确。", hint, status=401)


class Guard:
    """ASGI middleware that enforces the rules.

    Args:
        app: The API behind it.
        rules: Decide who may call.
    """

    def __init__(self, app: ASGIApp, rules: Rules) -> None:
        self._app = app
        self._rules = rules

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check one request, then forward it or answer with the refusal."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        problem = self._rules.refusal(scope)
        if problem is None:
            await self._app(scope, _limited(receive, self._rules.limit_mb(scope) * 1_000_000), send)
            return
        headers = {"WWW-Authenticate": "Bearer"} if problem.status == 401 else None
        await response(problem, problem.status, headers)(scope, receive, send)


def _is_open(scope: Scope) -> bool:
    path = path_of(scope)
    return scope["method"] in {"GET", "HEAD"} and (path in _OPEN or path.startswith(_OPEN_FOLDER))


def path_of(scope: Scope) -> str:
    """Return the requested path without the prefix that the API is mounted at; "/" for other connections."""
    return str(scope.get("path", "")).removeprefix(str(scope.get("root_path", ""))) or "/"


def _arrived_locally(scope: Scope, headers: Headers) -> bool:
    server = scope.get("server")
    forwarded = any(name.startswith("x-forwarded-") or name == "forwarded" for name in headers)
    return server is not None and is_local(str(server[0])) and not forwarded


def _bearer(headers: Headers) -> str:
    """Return the key of an Authorization header; the scheme's case does not matter (RFC 9110, 11.1)."""
    scheme, _, key = headers.get("authorization", "").partition(" ")
    return key.strip() if scheme.lower() == "bearer" else ""


@lru_cache(maxsize=256)
def _host_name(value: str) -> str:
    try:
        return (urlsplit(f"//{value}").hostname or "").lower()
    except ValueError:
        return ""


def _foreign(headers: Headers, allowed: Collection[str]) -> bool:
    """Return whether a browser sends this for a page of another site that is not on the list."""
    if headers.get("origin", "").lower() in allowed:
        return False
    if headers.get("sec-fetch-site", "none") not in {"none", "same-origin"}:
        return True
    origin = headers.get("origin")
    return origin is not None and _netloc(origin) != headers.get("host", "").lower()


def _netloc(origin: str) -> str:
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:  # http://[ …: no browser sends that
        return ""


def _limited(receive: Receive, limit_bytes: int) -> Receive:
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > limit_bytes:
            # FastAPI lets an HTTPException through while it reads a body and hides any other error
            raise HTTPException(413)
        return message

    return counted

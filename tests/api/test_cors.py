"""Pages of other sites: none, unless their origin is on the list."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256

import pytest
from fastapi.testclient import TestClient

from core.errors import InputError

Make = Callable[..., TestClient]
PAGE = "https://dash.example.cn"
LIST = f"{PAGE}, http://localhost:3000"
ASKING = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type,x-api-key"}
CROSS = {"Sec-Fetch-Site": "cross-site"}


def test_a_page_on_the_list_may_ask_and_call(client: Make) -> None:
    made = client(api_cors_origins=LIST)
    asked = made.options("/api/sentiment", headers={"Origin": PAGE, **CROSS, **ASKING})
    assert (asked.status_code, asked.headers["access-control-allow-origin"]) == (200, PAGE)
    answer = made.post("/api/sentiment", json={"text": "好"}, headers={"Origin": PAGE, **CROSS})
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (200, PAGE)
    assert "access-control-allow-credentials" not in answer.headers


def test_a_page_on_the_list_still_needs_the_key_and_can_read_why(client: Make) -> None:
    made = client(api_cors_origins=LIST, api_key_sha256=sha256(b"k").hexdigest())
    asked = made.options("/api/sentiment", headers={"Origin": PAGE, **CROSS, **ASKING})
    assert asked.status_code == 200
    refused = made.post("/api/sentiment", json={"text": "好"}, headers={"Origin": PAGE, **CROSS})
    assert (refused.status_code, refused.json()["code"]) == (401, "A25")
    assert refused.headers["access-control-allow-origin"] == PAGE
    headers = {"Origin": PAGE, "X-API-Key": "k", **CROSS}
    assert made.post("/api/sentiment", json={"text": "好"}, headers=headers).status_code == 200


@pytest.mark.parametrize("origin", ["https://dash.example.cn.evil.cn", "http://dash.example.cn", "null", f"{PAGE}:444"])
def test_a_page_not_on_the_list_gets_nothing(client: Make, origin: str) -> None:
    made = client(api_cors_origins=LIST)
    for answer in (
        made.options("/api/sentiment", headers={"Origin": origin, **CROSS, **ASKING}),
        made.post("/api/sentiment", json={"text": "好"}, headers={"Origin": origin, **CROSS}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "A27")
        assert not [name for name in answer.headers if name.startswith("access-control-")]


def test_a_cross_site_request_without_an_origin_is_refused_all_the_same(client: Make) -> None:
    assert client(api_cors_origins=LIST).get("/api/models", headers=CROSS).status_code == 403


@pytest.mark.parametrize("entry", ["*", "dash.example.cn", "https://a.cn/", "https://*.a.cn", "ftp://a.cn"])
def test_what_is_no_origin_is_said_at_the_start(client: Make, entry: str) -> None:
    with pytest.raises(InputError, match="I02"):
        client(api_cors_origins=entry)

"""Who may call the API."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from hashlib import sha256

import pytest
from fastapi.testclient import TestClient

Make = Callable[..., TestClient]
KEY = "k-7Qm2"
HASH = sha256(KEY.encode()).hexdigest()
GOOD = {"text": "好"}


@pytest.mark.parametrize("base", ["http://localhost:8501", "http://127.0.0.1:8501", "http://[::1]:8501"])
def test_this_machine_needs_no_key(client: Make, base: str) -> None:
    assert client(base).post("/api/sentiment", json=GOOD).status_code == 200


def test_off_localhost_without_a_key_set_up_everything_is_refused(client: Make) -> None:
    answer = client("http://192.168.1.5:8501", api_hosts="192.168.1.5").post("/api/sentiment", json=GOOD)
    assert (answer.status_code, answer.json()["code"]) == (403, "A26")


def test_a_server_bound_to_all_addresses_needs_a_key_even_from_localhost(client: Make) -> None:
    answer = client(host="0.0.0.0").post("/api/sentiment", json=GOOD)  # noqa: S104
    assert (answer.status_code, answer.json()["code"]) == (403, "A26")


def test_a_request_that_came_through_a_proxy_needs_a_key(client: Make) -> None:
    answer = client().post("/api/sentiment", json=GOOD, headers={"X-Forwarded-For": "203.0.113.9"})
    assert (answer.status_code, answer.json()["code"]) == (403, "A26")


@pytest.mark.parametrize(
    "headers", [{"X-API-Key": KEY}, {"Authorization": f"Bearer {KEY}"}, {"Authorization": f"bearer  {KEY}"}]
)
@pytest.mark.parametrize("base", ["http://localhost:8501", "http://192.168.1.5:8501"])
def test_the_right_key_opens(client: Make, base: str, headers: dict[str, str]) -> None:
    made = client(base, api_key_sha256=f"{'0' * 64}, {HASH}", host="0.0.0.0")  # noqa: S104
    assert made.post("/api/sentiment", json=GOOD, headers=headers).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-API-Key": "wrong"},
        {"X-API-Key": ""},
        {"Authorization": f"Basic {KEY}"},
        {"Authorization": KEY},
        {"X-API-Key": HASH},
    ],
)
def test_without_the_right_key_it_stays_shut_on_localhost_too(client: Make, headers: dict[str, str]) -> None:
    answer = client(api_key_sha256=HASH).post("/api/sentiment", json=GOOD, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (401, "A25")
    assert answer.headers["www-authenticate"] == "Bearer"


def test_the_list_of_models_needs_the_key_and_health_does_not(client: Make) -> None:
    made = client(api_key_sha256=HASH)
    assert made.get("/api/models").status_code == 401
    assert made.get("/api/health").status_code == 200


def test_a_rebound_host_name_is_refused(client: Make) -> None:
    answer = client("http://evil.example:8501").post("/api/sentiment", json=GOOD)
    assert (answer.status_code, answer.json()["code"]) == (403, "A27")


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://["},
        {"Origin": "http://localhost:3000"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_page_of_another_site_is_refused(client: Make, headers: dict[str, str]) -> None:
    answer = client().post("/api/sentiment", json=GOOD, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "A27")


def test_our_own_page_may_call(client: Make) -> None:
    headers = {"Origin": "http://localhost:8501", "Sec-Fetch-Site": "same-origin"}
    assert client().post("/api/sentiment", json=GOOD, headers=headers).status_code == 200


def test_no_cors_header_is_ever_sent(client: Make) -> None:
    preflight = {"Origin": "http://evil.example", "Access-Control-Request-Method": "POST"}
    answer = client().options("/api/sentiment", headers=preflight)
    assert answer.status_code == 403
    assert not [name for name in answer.headers if name.startswith("access-control-")]


def test_a_named_public_host_is_answered_with_a_key_and_others_are_not(client: Make) -> None:
    made = {"api_hosts": "tingfeng.example.cn", "api_key_sha256": HASH}
    headers = {"X-API-Key": KEY}
    assert client("http://tingfeng.example.cn", **made).get("/api/models", headers=headers).status_code == 200
    assert client("http://other.example.cn", **made).get("/api/models", headers=headers).status_code == 403


def test_a_body_over_the_limit_is_refused_by_its_declared_length(client: Make) -> None:
    answer = client(api_max_body_mb=1).post("/api/sentiment", json={"text": "x" * 1_100_000})
    assert (answer.status_code, answer.json()["code"]) == (413, "A24")


def test_a_compressed_body_is_refused_with_what_to_do(client: Make) -> None:
    packed = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
    answer = client().post("/api/sentiment", content=gzip.compress(b'{"text": "x"}'), headers=packed)
    assert (answer.status_code, answer.json()["code"]) == (415, "A40")


def test_an_address_with_a_further_stroke_sends_nobody_to_another_host(client: Make) -> None:
    made = client("http://evil.example", api_key_sha256=HASH)
    answer = made.get("/api/models/", headers={"X-API-Key": KEY}, follow_redirects=False)
    assert (answer.status_code, answer.json()["code"]) == (404, "A28")


def test_a_streamed_body_over_the_limit_is_refused_while_it_arrives(client: Make) -> None:
    def parts() -> Iterator[bytes]:
        for _ in range(12):
            yield b"x" * 100_000

    headers = {"Content-Type": "application/json"}
    answer = client(api_max_body_mb=1).post("/api/sentiment", content=parts(), headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (413, "A24")

"""The line of texts: scored together, in turn, bounded, and closed without losing an answer that is under way."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import pytest

from core.api.batching import SLICE_TEXTS, Batcher
from core.api.pending import Kind
from core.errors import ApiError
from core.schema import ScoreOptions

PLAIN = Kind("m", ScoreOptions())
LONG = 30.0


class Shouting:
    """Answers with the text and its kind, notes every slice, and can be made to wait."""

    def __init__(self) -> None:
        self.slices: list[tuple[Kind, list[str]]] = []
        self.go = threading.Event()
        self.go.set()
        self.begun = threading.Event()

    def __call__(self, kind: Kind, texts: Sequence[str]) -> list[tuple[Kind, str]]:
        self.slices.append((kind, list(texts)))
        self.begun.set()
        assert self.go.wait(LONG)
        if "坏" in texts:
            raise RuntimeError("no")
        return [(kind, text) for text in texts]

    def line(self, *, wait_ms: float = 4, limit_texts: int = 100_000, lanes: int = 1) -> Batcher[tuple[Kind, str]]:
        return Batcher(self, observe=lambda *_: None, wait_ms=wait_ms, limit_texts=limit_texts, lanes=lanes)


def hold(run: Shouting, line: Batcher[tuple[Kind, str]]) -> None:
    """Keep the line busy until ``run.go`` is set."""
    run.go.clear()
    run.begun.clear()
    line.put(Kind("busy", ScoreOptions()), ["忙"])
    assert run.begun.wait(LONG)


def test_a_panic_of_a_library_ends_one_request_and_no_thread() -> None:
    class Panic(BaseException):
        pass

    def run(_: Kind, texts: Sequence[str]) -> Sequence[str]:
        if "坏" in texts:
            raise Panic("no")
        return texts

    line: Batcher[str] = Batcher(run, observe=lambda *_: None, wait_ms=0, limit_texts=100, lanes=1)
    for _ in range(3):
        with pytest.raises(RuntimeError, match="Panic"):
            line.put(PLAIN, ["坏"]).future.result(LONG)
    assert line.put(PLAIN, ["好"]).future.result(LONG) == ["好"]
    line.close()


def test_a_lone_request_does_not_wait_for_others() -> None:
    line = Shouting().line(wait_ms=3_600_000)
    for _ in range(3):
        assert line.put(PLAIN, ["好"]).future.result(LONG) == [(PLAIN, "好")]
    line.close()


def test_requests_that_arrive_while_the_model_is_busy_are_scored_together() -> None:
    run = Shouting()
    line = run.line()
    hold(run, line)
    requests = [line.put(PLAIN, [f"第{i}条"]) for i in range(64)]
    run.go.set()
    assert [t.future.result(LONG) for t in requests] == [[(PLAIN, f"第{i}条")] for i in range(64)]
    assert [len(texts) for kind, texts in run.slices if kind == PLAIN] == [64]
    line.close()


def test_a_second_thread_takes_what_comes_while_the_first_one_scores() -> None:
    run = Shouting()
    line = run.line(lanes=2)
    hold(run, line)
    request = line.put(PLAIN, ["好"])
    while len(run.slices) < 2:
        assert not request.future.done()
        threading.Event().wait(0.01)
    run.go.set()
    assert request.future.result(LONG) == [(PLAIN, "好")]
    line.close()


def test_one_request_is_shared_by_both_threads_and_comes_back_in_order() -> None:
    run = Shouting()
    line = run.line(lanes=2)
    run.go.clear()
    texts = [f"第{i}条" for i in range(40)]
    request = line.put(PLAIN, texts)
    while line.waiting:
        threading.Event().wait(0.01)
    run.go.set()
    assert [text for _, text in request.future.result(LONG)] == texts
    assert [len(part) for _, part in run.slices] == [20, 20]
    line.close()


def test_while_the_model_is_busy_the_other_thread_waits_for_company_but_not_for_ever() -> None:
    run = Shouting()
    line = run.line(wait_ms=200, lanes=2)
    line.put(PLAIN, ["大家"] * 16).future.result(LONG)
    hold(run, line)
    run.slices.clear()
    requests = [line.put(PLAIN, [f"{i}"]) for i in range(8)]
    while line.waiting:
        threading.Event().wait(0.01)
    run.go.set()
    assert [t.future.result(LONG) for t in requests] == [[(PLAIN, f"{i}")] for i in range(8)]
    assert [len(texts) for _, texts in run.slices] == [8]
    line.close()


def test_only_requests_of_one_kind_share_a_slice() -> None:
    run = Shouting()
    line = run.line()
    kinds = [Kind(m, ScoreOptions(b, emotion=e)) for m in ("a", "b") for b in (0.0, 0.5) for e in (False, True)]
    hold(run, line)
    requests = [(kind, line.put(kind, [f"{i}"])) for i in range(20) for kind in kinds]
    run.go.set()
    for kind, request in requests:
        assert {answered for answered, _ in request.future.result(LONG)} == {kind}
    assert sorted(len(texts) for kind, texts in run.slices if kind in kinds) == [20] * len(kinds)
    line.close()


def test_answers_stand_in_the_order_of_the_texts_however_they_are_cut() -> None:
    line = Shouting().line()
    texts = ["长" * (i * 37 % 300 + 1) + str(i) for i in range(1000)]
    assert [text for _, text in line.put(PLAIN, texts).future.result(LONG)] == texts
    line.close()


def test_a_huge_request_does_not_keep_a_single_text_waiting() -> None:
    run = Shouting()
    line = run.line()
    hold(run, line)
    huge = line.put(PLAIN, ["很多"] * 50 * SLICE_TEXTS)
    single = line.put(PLAIN, ["一条"])
    run.go.set()
    assert single.future.result(LONG) == [(PLAIN, "一条")]
    huge.future.result(LONG)
    asked = [text for kind, texts in run.slices if kind == PLAIN for text in texts]
    assert asked.index("一条") < SLICE_TEXTS
    assert max(len(texts) for _, texts in run.slices) <= SLICE_TEXTS
    line.close()


def test_a_failure_is_told_only_to_the_request_that_caused_it() -> None:
    run = Shouting()
    line = run.line()
    hold(run, line)
    good, bad = line.put(PLAIN, ["好", "很好"]), line.put(PLAIN, ["坏"])
    run.go.set()
    assert [text for _, text in good.future.result(LONG)] == ["好", "很好"]
    with pytest.raises(RuntimeError):
        bad.future.result(LONG)
    line.close()


def test_a_full_line_refuses_with_the_seconds_to_come_again() -> None:
    run = Shouting()
    line = run.line(limit_texts=10)
    hold(run, line)
    first = line.put(PLAIN, ["好"] * 20)
    with pytest.raises(ApiError) as refused:
        line.put(PLAIN, ["差"])
    assert (refused.value.code, refused.value.status) == ("A34", 429)
    assert 1 <= int(refused.value.headers["Retry-After"]) <= 60
    run.go.set()
    assert len(first.future.result(LONG)) == 20
    line.put(PLAIN, ["差"]).future.result(LONG)
    line.close()


def test_what_nobody_waits_for_any_more_is_not_scored_and_makes_room() -> None:
    run = Shouting()
    line = run.line(limit_texts=10)
    hold(run, line)
    gone = line.put(PLAIN, ["走了"] * 10)
    line.withdraw(gone)
    assert line.waiting == 0
    stays = line.put(PLAIN, ["还在"])
    run.go.set()
    stays.future.result(LONG)
    assert "走了" not in [text for _, texts in run.slices for text in texts]
    line.close()


def test_closing_answers_what_has_begun_and_refuses_the_rest() -> None:
    run = Shouting()
    line = run.line()
    run.go.clear()
    begun = line.put(PLAIN, ["很多"] * 3 * SLICE_TEXTS)
    assert run.begun.wait(LONG)
    late = line.put(Kind("other", ScoreOptions()), ["迟了"])
    closing = threading.Thread(target=line.close)
    closing.start()
    with pytest.raises(ApiError, match="A35"):
        late.future.result(LONG)
    with pytest.raises(ApiError, match="A35"):
        line.put(PLAIN, ["更迟"])
    run.go.set()
    assert len(begun.future.result(LONG)) == 3 * SLICE_TEXTS
    closing.join(LONG)
    assert not any(runner.is_alive() for runner in line._runners)

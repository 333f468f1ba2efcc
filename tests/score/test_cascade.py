"""A fast model for every text and a slow one for what it is unsure of."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from core.clean import clean_text
from core.commands import main
from core.schema import LABELS
from core.score import (
    CascadeBackend,
    TokenBackend,
    TokenCascade,
    cascade,
    choose_for_agreement,
    choose_for_share,
    load,
    models,
    score,
    split_cascade,
)
from core.score.probe_texts import probe_texts
from core.settings import get_settings


class Fixed:
    """Answers by the first character: a digit d is positive with probability d/10, or with its complement.

    Args:
        turned: Give the complement.
        neutral: Share of 中性 in every answer; None for a model without that label.
    """

    window_tokens = 100

    def __init__(self, *, turned: bool = False, neutral: float | None = None) -> None:
        self.name = self.version = "fixed-turned" if turned else "0123456789ab-fixed"
        self.labels = LABELS if neutral is not None else (LABELS[0], LABELS[2])
        self.asked: list[str] = []
        self._turned, self._neutral = turned, neutral or 0.0

    def score(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.asked += texts
        p = np.array([int(text[0]) / 10 for text in texts], np.float32)
        p = 1 - p if self._turned else p
        left = 1 - self._neutral
        return np.stack([(1 - p) * left, np.full_like(p, self._neutral), p * left], axis=1).reshape(-1, 3)

    def lengths(self, texts: Sequence[str]) -> NDArray[np.int32]:
        return np.array([len(text) for text in texts], np.int32)


def test_only_what_the_first_model_is_unsure_of_reaches_the_second() -> None:
    second = Fixed(turned=True)
    backend = CascadeBackend(Fixed(), second, 0.85)
    p = score(["9", "6", "1", "3"], backend).probabilities
    assert second.asked == ["6", "3"]
    assert backend.second_texts == 2
    np.testing.assert_allclose(p[:, 2], [0.9, 0.4, 0.1, 0.7], atol=1e-6)


def test_a_threshold_of_zero_never_asks_and_one_above_all_always_does() -> None:
    never, always = Fixed(), Fixed()
    CascadeBackend(Fixed(), never, 0.0).score(["9", "5"])
    CascadeBackend(Fixed(), always, 1.01).score(["9", "5"])
    assert (never.asked, always.asked) == ([], ["9", "5"])


def test_a_second_model_without_neutral_leaves_that_share_alone() -> None:
    backend = CascadeBackend(Fixed(neutral=0.4), Fixed(turned=True), 0.9)
    np.testing.assert_allclose(backend.score(["2"]), [[0.6 * 0.2, 0.4, 0.6 * 0.8]], atol=1e-6)
    assert backend.labels == LABELS


def test_the_version_holds_both_models_and_the_threshold() -> None:
    versions = {
        CascadeBackend(first, second, threshold).version
        for first, second in ((Fixed(), Fixed(turned=True)), (Fixed(), Fixed()))
        for threshold in (0.5, 0.6)
    }
    assert len(versions) == 4


def answers(positive: Sequence[float]) -> NDArray[np.float32]:
    p = np.array(positive, np.float32)
    return np.stack([1 - p, np.zeros_like(p), p], axis=1)


def test_the_lowest_threshold_that_agrees_often_enough_is_chosen() -> None:
    dice = np.random.default_rng(1)
    first = answers(np.concatenate([dice.uniform(0.5, 0.6, 200), dice.uniform(0.9, 1.0, 800)]).tolist())
    second = first.copy()
    second[:100] = second[:100, ::-1]
    low = choose_for_agreement(first, second, LABELS, 0.85)
    high = choose_for_agreement(first, second, LABELS, 0.98)
    assert low.threshold == 0
    assert 0.5 < high.threshold <= 0.6
    assert high.agreement.low >= 0.98
    assert high.second.count <= 200


def test_full_agreement_with_a_model_that_always_differs_asks_it_everything() -> None:
    first = answers([0.6, 0.7, 0.8])
    choice = choose_for_agreement(first, first[:, ::-1], LABELS, 1.0)
    assert (choice.second.value, choice.threshold > 1) == (1.0, True)


def test_the_share_that_is_sent_counts_equal_confidences() -> None:
    first = answers([0.7] * 5 + [0.9] * 5)
    choice = choose_for_share(first, 0.2)
    assert (choice.second.count, choice.second.n) == (5, 10)


@pytest.mark.parametrize("share", [-1.0, 0.0, 0.25, 0.5, 1.0, 7.0])
def test_a_share_of_the_texts_is_sent(share: float) -> None:
    first = answers(np.linspace(0.501, 0.999, 400).tolist())
    choice = choose_for_share(first, share)
    sent = (first.max(axis=1) < choice.threshold).mean()
    assert sent == pytest.approx(min(1.0, max(0.0, share)), abs=0.01)


@pytest.mark.parametrize("name", ["cascade:", "cascade:x", "cascade:2:m", "cascades", "my-cascade"])
def test_what_is_no_cascade_is_a_name_like_any_other(name: str) -> None:
    assert split_cascade(name) is None


def test_cascade_is_listed_where_its_second_model_is_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "cascade" not in [model.name for model in models()]
    monkeypatch.setenv("TINGFENG_CASCADE_BACKEND", str(tmp_path))
    get_settings.cache_clear()
    listed = models()[-1]
    get_settings.cache_clear()
    assert (listed.name, listed.ready) == ("cascade", True)


def test_before_the_builtin_model_itself_goes_the_small_one(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = ["很好吃,下次还来", "太难吃了,再也不买", "还行吧", "说好的三天,今天第十天"]
    small, large = load("tiny").score(texts), load("builtin").score(texts)
    both = load("cascade:0.9:builtin").score(texts)
    unsure = small.max(axis=1) < 0.9
    assert 0 < unsure.sum() < len(texts)
    np.testing.assert_array_equal(both, np.where(unsure[:, None], large, small))
    monkeypatch.setenv("TINGFENG_CASCADE_BACKEND", "builtin")
    get_settings.cache_clear()
    listed = models()[-1]
    get_settings.cache_clear()
    assert (listed.name, listed.note.startswith("内置小模型判断每一条")) == ("cascade", True)


def test_two_shipped_models_in_a_row_tell_emotions_and_count_what_the_second_was_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TINGFENG_DATA_DIR", str(tmp_path / "data"))
    get_settings.cache_clear()
    texts = probe_texts()[:120]
    (tmp_path / "in.csv").write_text("评论\n" + "".join(f'"{text.replace(chr(34), "")}"\n' for text in texts), "utf-8")
    row = ["label", str(tmp_path / "in.csv"), "-o", str(tmp_path / "out.csv"), "--emotion", "--json"]
    assert main([*row, "--backend", "cascade:0.7:builtin"]) == 0
    report = json.loads(capsys.readouterr().out)
    get_settings.cache_clear()
    small = load("tiny")
    assert isinstance(small, TokenBackend)
    labelled = pd.read_csv(tmp_path / "out.csv")
    assert labelled["情绪"].notna().sum() == report["scored"] > 100
    unsure = int((small.score([clean_text(text) for text in labelled["评论"]]).max(axis=1) < 0.7).sum())
    assert 0 < unsure < len(labelled)
    assert report["settings"]["cascade_second_texts"] == unsure


@pytest.mark.parametrize("threshold", [0.0, 1.01])
def test_at_its_ends_a_cascade_is_one_of_its_models(threshold: float) -> None:
    small, large = load("tiny"), load("builtin")
    assert isinstance(small, TokenBackend)
    assert isinstance(large, TokenBackend)
    both = cascade(small, large, threshold, "both")
    assert isinstance(both, TokenCascade)
    alone = large if threshold else small
    np.testing.assert_array_equal(both.score(probe_texts()), alone.score(probe_texts()))
    heads = ["offensive", "emotion"]
    for found, wanted in zip(
        both.head_tokens(both.encode(probe_texts()), heads), alone.head_tokens(alone.encode(probe_texts()), heads),
        strict=True,
    ):  # fmt: skip
        np.testing.assert_array_equal(found, wanted)
    assert both.second_texts == (2 * len(probe_texts()) if threshold else 0)


GOOD, BAD = "很好吃,下次还来", "太难吃了,再也不买"


@pytest.fixture
def table(tmp_path: Path, tiny_folder: Path, compiled_float: object, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A table of 60 comments, and a cascade whose second model is the tiny one."""
    monkeypatch.setenv("TINGFENG_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("TINGFENG_CASCADE_BACKEND", f"{tiny_folder}#onnx-fp32")
    get_settings.cache_clear()
    path = tmp_path / "in.csv"
    lines = [f"{(GOOD, BAD, '一般')[i % 3]} 第{i}次" for i in range(60)]
    path.write_text("评论\n" + "".join(f'"{line}"\n' for line in lines), "utf-8")
    yield path
    get_settings.cache_clear()


def report_of(table: Path, capsys: pytest.CaptureFixture[str], *more: str) -> tuple[dict[str, object], str]:
    out = str(table.parent / "out.csv")
    assert main(["label", str(table), "-o", out, "--backend", "cascade", "--json", *more]) == 0
    said = capsys.readouterr()
    return json.loads(said.out), said.err


@pytest.mark.torch
def test_a_wanted_agreement_becomes_a_threshold_that_stays_the_same(
    table: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, said = report_of(table, capsys, "--agreement", "0.9")
    again, _ = report_of(table, capsys, "--agreement", "0.9")
    assert first["job"] == again["job"]
    assert "级联阈值" in said
    settings = first["settings"]
    assert isinstance(settings, dict)
    assert 0 < settings["cascade_second_texts"] <= 60
    assert settings["cascade_threshold"] > 0


@pytest.mark.torch
def test_a_minute_is_enough_for_sixty_comments(table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report, said = report_of(table, capsys, "--minutes", "5")
    assert report["settings"]["cascade_second_texts"] == 60  # type: ignore[index]
    assert "100.0%" in said


@pytest.mark.torch
def test_the_command_says_how_many_went_where(table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["label", str(table), "-o", str(table.parent / "o.csv"), "--backend", "cascade"]) == 0
    assert "内置模型判定" in capsys.readouterr().out


@pytest.mark.parametrize(
    "options",
    [
        ["--agreement", "0.9"],
        ["--backend", "cascade", "--agreement", "0.9", "--minutes", "1"],
        ["--backend", "cascade", "--agreement", "1.5"],
        ["--backend", "cascade", "--minutes", "0"],
    ],
)
def test_an_aim_that_makes_no_sense_is_refused(
    tmp_path: Path, options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "in.csv").write_text("评论\n好\n", "utf-8")
    assert main(["label", str(tmp_path / "in.csv"), "-o", str(tmp_path / "out.csv"), *options]) == 2
    assert "[I03]" in capsys.readouterr().err

"""Explanations point at the words that make the difference."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from core.errors import InputError
from core.schema import Backend
from core.score import explain, load, score
from core.score.explain import MAX_PIECES
from core.score.onnx import OnnxBackend

TEXT = "味道很好,但是包装难吃"


def test_the_words_that_speak_for_the_label_have_the_largest_effect(lexicon: OnnxBackend) -> None:
    pieces = explain("差评 ,一般 。", lexicon)
    best = max(pieces, key=lambda piece: piece.effect)
    assert best.text in "差评"
    assert best.effect > 0.3


def test_an_effect_is_the_change_when_the_piece_is_left_out(lexicon: OnnxBackend) -> None:
    for piece in explain(TEXT, lexicon, "正面"):
        without = TEXT[: piece.start] + TEXT[piece.end :]
        p = score([TEXT, without], lexicon).probabilities[:, 2]
        assert piece.effect == pytest.approx(p[0] - p[1], abs=1e-6)


def test_in_a_text_beyond_doubt_the_deciding_words_still_push() -> None:
    pieces = explain("太差了,再也不买了,垃圾[怒]", load("builtin"), "负面")
    assert max(p.effect for p in pieces) < 0.05
    strongest = max(pieces, key=lambda piece: piece.push)
    assert strongest.text in {"太差", "垃圾", "[怒]"}
    assert strongest.push > 20 * strongest.effect > 0


def test_the_pieces_lie_in_the_text_in_order_and_do_not_overlap(lexicon: OnnxBackend) -> None:
    text = "ＡＢ 很好😄  ﷺ[怒] 差评\n!!\ud83d end"
    pieces = explain(text, lexicon)
    assert all(text[p.start : p.end] == p.text and p.text.strip() for p in pieces)
    assert all(a.end <= b.start for a, b in pairwise(pieces))


def test_any_backend_can_be_explained(backend: Backend) -> None:
    pieces = explain(TEXT, backend, "负面")
    assert "".join(p.text for p in pieces) == TEXT
    assert all(-1 <= p.effect <= 1 for p in pieces)


@pytest.mark.parametrize("text", ["", "  \n"])
def test_an_empty_text_has_no_pieces(lexicon: OnnxBackend, text: str) -> None:
    assert explain(text, lexicon) == []


def test_a_long_text_is_explained_by_groups_of_words(lexicon: OnnxBackend) -> None:
    text = "味道很好。" * 400
    pieces = explain(text, lexicon)
    assert 1 < len(pieces) <= MAX_PIECES
    assert "".join(p.text for p in pieces) == text
    assert np.isfinite([p.effect for p in pieces]).all()


def test_an_unknown_label_is_refused(lexicon: OnnxBackend) -> None:
    with pytest.raises(InputError, match=r"^\[M16\]"):
        explain("很好", lexicon, "positive")

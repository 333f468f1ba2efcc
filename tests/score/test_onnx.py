"""ONNX models: heads, vectors, blank text, and folders that cannot be used."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.errors import ModelError
from core.schema import LABELS
from core.score import load, score
from core.score.onnx import OnnxBackend
from tests.score import folders


def test_good_words_are_positive_and_bad_words_negative(lexicon: OnnxBackend) -> None:
    scores = score(["很好 喜欢", "难吃 差评", "一般 包装"], lexicon)
    assert [LABELS[i] for i in scores.label[:2]] == ["正面", "负面"]
    assert scores.needs_review.tolist() == [False, False, True]


@pytest.mark.parametrize("text", ["", " ", "\u3000\n", "𪚥𪚥", None, float("nan")])
def test_text_that_says_nothing_to_the_model_is_neutral_and_needs_review(lexicon: OnnxBackend, text: str) -> None:
    scores = score(["很好", text], lexicon)
    np.testing.assert_allclose(scores.probabilities[1], 1 / 3, atol=1e-6)
    assert (LABELS[scores.label[1]], bool(scores.needs_review[1])) == ("中性", True)


def test_one_pass_gives_all_heads(lexicon: OnnxBackend) -> None:
    heads = lexicon.score_heads(["[怒]", "很好"])
    assert {name: array.shape for name, array in heads.items()} == {
        "sentiment": (2, 3),
        "emotion": (2, 8),
        "offensive": (2, 2),
    }
    assert [lexicon.heads["emotion"][i] for i in heads["emotion"].argmax(axis=1)] == ["愤怒", "高兴"]


def test_a_head_that_does_not_exist_is_named_in_the_error(lexicon: OnnxBackend) -> None:
    with pytest.raises(ModelError, match=r"^\[M14\].*irony"):
        lexicon.score_heads(["好"], ["irony"])


def test_vectors_have_one_row_a_text_and_zero_for_none(lexicon: OnnxBackend) -> None:
    vectors = lexicon.vectors(["很好", "", "难吃"])
    assert vectors.shape == (3, folders.VECTOR)
    assert not vectors[1].any()
    assert vectors[[0, 2]].any(axis=1).all()


def test_the_version_changes_with_the_weights(lexicon: OnnxBackend, tmp_path: Path) -> None:
    other = load(str(folders.onnx_folder(tmp_path / "other", table=folders.lexicon_table() * 2)))
    again = load(str(folders.onnx_folder(tmp_path / "again")))
    assert other.version != lexicon.version == again.version


@pytest.mark.parametrize("one_batch", ["a call", "a pass"])
def test_a_file_of_an_older_version_is_named_as_old(tmp_path: Path, one_batch: str) -> None:
    folder = folders.onnx_folder(tmp_path / "m")
    graph = folders.lexicon_graph(portable=one_batch == "a call")
    for taken in graph.graph.input:
        if taken.name in {"rows", "lengths"}:
            del taken.type.tensor_type.shape.dim[1:]
    (folder / "model.onnx").write_bytes(graph.SerializeToString())
    folders.write_labels(folder)
    with pytest.raises(ModelError, match=r"^\[M13\].*旧版本"):
        load(str(folder))


def test_weights_that_answer_nan_are_refused(tmp_path: Path) -> None:
    broken = load(str(folders.onnx_folder(tmp_path / "m", table=folders.lexicon_table() * np.nan)))
    with pytest.raises(ModelError, match=r"^\[M08\]"):
        broken.score(["很好"])


def test_a_folder_with_half_a_file_is_refused(tmp_path: Path) -> None:
    folder = folders.onnx_folder(tmp_path / "m")
    data = (folder / "model.onnx").read_bytes()
    (folder / "model.onnx").write_bytes(data[: len(data) // 2])
    with pytest.raises(ModelError, match=r"^\[M09\]"):
        load(str(folder))
    folders.write_labels(folder)
    with pytest.raises(ModelError, match=r"^\[M13\]"):
        load(str(folder))


@pytest.mark.parametrize(
    ("file", "content", "code"),
    [
        ("labels.json", "{", "M04"),
        ("labels.json", "[]", "M04"),
        ("labels.json", "{}", "M04"),
        ("labels.json", '{"sentiment": ["体育", "财经", "娱乐"]}', "M07"),
        ("labels.json", '{"sentiment": ["负面", "中性", "正面"], "irony": ["no", "yes"]}', "M13"),
        ("tokenizer.json", "{}", "M10"),
        ("tokenizer.json", None, "M04"),
    ],
)
def test_a_folder_that_cannot_be_used_says_why(tmp_path: Path, file: str, content: str | None, code: str) -> None:
    folder = folders.onnx_folder(tmp_path / "m")
    path = folder / file
    path.unlink()
    if content is not None:
        path.write_text(content, "utf-8")
    if file == "tokenizer.json" and content is not None:
        folders.write_labels(folder)
    with pytest.raises(ModelError, match=rf"^\[{code}\]"):
        load(str(folder))


def test_a_tokenizer_without_the_special_tokens_is_refused(tmp_path: Path) -> None:
    folder = folders.onnx_folder(tmp_path / "m")
    bare = folders.tokenizer()
    from tokenizers.processors import TemplateProcessing

    bare.post_processor = TemplateProcessing(single="$A", pair="$A $B", special_tokens=[])
    bare.save(str(folder / "tokenizer.json"))
    folders.write_labels(folder)
    with pytest.raises(ModelError, match=r"^\[M10\]"):
        load(str(folder))


def test_truncation_and_padding_asked_for_by_a_tokenizer_are_ignored(tmp_path: Path, lexicon: OnnxBackend) -> None:
    folder = folders.onnx_folder(tmp_path / "m")
    eager = folders.tokenizer()
    eager.enable_truncation(4)
    eager.enable_padding(length=20)
    eager.save(str(folder / "tokenizer.json"))
    folders.write_labels(folder)
    texts = ["很好 很好 很好 难吃", "差评"]
    assert load(str(folder)).lengths(texts).tolist() == lexicon.lengths(texts).tolist() == [4, 1]

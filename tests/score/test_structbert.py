"""StructBERT folders: the answers of modelscope's own pipeline, without its traps."""

from __future__ import annotations

import json
from collections import OrderedDict
from pathlib import Path

import numpy as np
import pytest

from core.errors import ModelError
from core.schema import LABELS, Backend
from core.score import load, score
from tests.score import folders

pytestmark = [
    pytest.mark.torch,
]

TEXTS = ["很好", "难吃 差评 好 天地", "abc 天地 很好 包装 的 难吃", "一般,包装的。"]


def in_torch(folder: Path) -> Backend:
    """Open a folder as it is, not compiled."""
    return load(f"{folder}#torch")


def pipeline_answers(folder: Path, texts: list[str], length: int = 64) -> list[dict[str, float]]:
    """Ask modelscope itself, one text at a time as it likes it."""
    from modelscope.pipelines import pipeline

    ask = pipeline("text-classification", model=str(folder), device="cpu", sequence_length=length)
    answers = [ask(text) for text in texts]
    return [dict(zip(answer["labels"], answer["scores"], strict=True)) for answer in answers]


@pytest.mark.parametrize("labels", [("负面", "正面"), ("正面", "中性", "负面")])
def test_the_answers_are_those_of_modelscopes_pipeline(tmp_path: Path, labels: tuple[str, ...]) -> None:
    folder = folders.structbert_folder(tmp_path / "m", labels=labels)
    p = in_torch(folder).score(TEXTS)
    for row, answer in zip(p, pipeline_answers(folder, TEXTS), strict=True):
        expected = [answer.get(label, 0.0) for label in LABELS]
        np.testing.assert_allclose(row, expected, atol=1e-5)


def test_a_two_class_model_leaves_neutral_empty_and_says_so(tiny_structbert: Backend) -> None:
    assert tiny_structbert.labels == ("负面", "正面")
    assert not tiny_structbert.score(TEXTS)[:, 1].any()


def test_checkpoints_of_both_prefixes_load_in_one_process_and_stay_right(tmp_path: Path) -> None:
    models = [in_torch(folders.structbert_folder(tmp_path / p, prefix=p)) for p in ("bert.", "encoder.", "bert.x.")]
    np.testing.assert_allclose(models[0].score(TEXTS), models[1].score(TEXTS), atol=1e-6)
    np.testing.assert_allclose(models[0].score(TEXTS), models[2].score(TEXTS), atol=1e-6)


def test_a_checkpoint_in_torchs_own_format_gives_the_same_answers(tmp_path: Path, tiny_structbert: Backend) -> None:
    other = in_torch(folders.structbert_folder(tmp_path / "m", binary=True))
    np.testing.assert_allclose(other.score(TEXTS), tiny_structbert.score(TEXTS), atol=1e-6)
    assert other.version != tiny_structbert.version


def test_a_missing_tensor_is_refused_and_not_drawn_at_random(tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    folder = folders.structbert_folder(tmp_path / "m")
    state = load_file(folder / "model.safetensors")
    del state["bert.encoder.layer.1.output.dense.weight"]
    save_file(state, folder / "model.safetensors")
    with pytest.raises(ModelError, match=r"^\[M06\].*encoder\.layer\.1\.output\.dense\.weight"):
        in_torch(folder)


def test_weights_of_another_shape_are_refused(tmp_path: Path) -> None:
    folder = folders.structbert_folder(tmp_path / "m")
    config = json.loads((folder / "config.json").read_text("utf-8"))
    (folder / "config.json").write_text(json.dumps(config | {"intermediate_size": 48}), "utf-8")
    with pytest.raises(ModelError, match=r"^\[M06\]"):
        in_torch(folder)


def test_a_pickle_that_would_run_code_is_refused_and_not_run(tmp_path: Path) -> None:
    import torch

    folder = folders.structbert_folder(tmp_path / "m", binary=True)
    torch.save({"x": _Touch(tmp_path / "ran")}, folder / "pytorch_model.bin")
    with pytest.raises(ModelError, match=r"^\[M05\]"):
        in_torch(folder)
    assert not (tmp_path / "ran").exists()


class _Touch:
    """Makes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        return (Path.touch, (self.path,))


@pytest.mark.parametrize("content", [b"", b"not a checkpoint", b"\x80\x02}."])
def test_a_damaged_checkpoint_is_refused(tmp_path: Path, content: bytes) -> None:
    folder = folders.structbert_folder(tmp_path / "m")
    (folder / "model.safetensors").write_bytes(content)
    with pytest.raises(ModelError, match=r"^\[M0[56]\]"):
        in_torch(folder)


def test_a_checkpoint_without_a_classifier_is_refused(tmp_path: Path) -> None:
    import torch

    folder = folders.structbert_folder(tmp_path / "m", binary=True)
    torch.save(OrderedDict(a=torch.zeros(2)), folder / "pytorch_model.bin")
    with pytest.raises(ModelError, match=r"^\[M06\].*classifier"):
        in_torch(folder)


@pytest.mark.parametrize(
    ("file", "content"),
    [("config.json", None), ("config.json", "{"), ("model.safetensors", None), ("configuration.json", "[]")],
)
def test_an_incomplete_folder_says_what_is_missing(tmp_path: Path, file: str, content: str | None) -> None:
    folder = folders.structbert_folder(tmp_path / "m")
    (folder / file).unlink()
    if content:
        (folder / file).write_text(content, "utf-8")
    with pytest.raises(ModelError, match=rf"^\[M04\].*{file}"):
        in_torch(folder)


def test_a_folder_without_a_vocabulary_is_refused(tmp_path: Path) -> None:
    folder = folders.structbert_folder(tmp_path / "m")
    (folder / "vocab.txt").unlink()
    with pytest.raises(ModelError, match=r"^\[M10\]"):
        in_torch(folder)


@pytest.mark.parametrize(
    ("file", "value"),
    [
        ("configuration.json", {"model": {"type": "structbert", "label2id": {"正面": 0, "负面": 1}}}),
        ("configuration.json", {"preprocessor": {"id2label": {"0": "正面", "1": "负面"}}}),
        ("config.json", {"id2label": {"0": "positive", "1": "negative"}}),
    ],
)
def test_class_names_are_found_where_modelscope_finds_them(tmp_path: Path, file: str, value: dict[str, object]) -> None:
    named = in_torch(folders.structbert_folder(tmp_path / "named"))
    folder = folders.structbert_folder(tmp_path / "m")
    (folder / "label_mapping.json").unlink()
    config = json.loads((folder / file).read_text("utf-8"))
    (folder / file).write_text(json.dumps(config | value), "utf-8")
    np.testing.assert_allclose(in_torch(folder).score(TEXTS), named.score(TEXTS)[:, ::-1], atol=1e-6)


def test_classes_without_names_are_negative_and_positive(tmp_path: Path, tiny_structbert: Backend) -> None:
    folder = folders.structbert_folder(tmp_path / "m")
    (folder / "label_mapping.json").unlink()
    np.testing.assert_allclose(in_torch(folder).score(TEXTS), tiny_structbert.score(TEXTS), atol=1e-6)


def test_a_topic_model_is_refused_as_a_sentiment_model(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"^\[M07\].*体育"):
        in_torch(folders.structbert_folder(tmp_path / "m", labels=("体育", "财经")))


def test_an_emotion_model_gives_sentiment_and_its_own_classes(tmp_path: Path) -> None:
    emotions = ("恐惧", "愤怒", "厌恶", "喜好", "悲伤", "高兴", "惊讶")
    backend = in_torch(folders.structbert_folder(tmp_path / "m", labels=emotions))
    p = backend.score_heads(TEXTS)["emotion"]
    assert backend.heads["emotion"] == emotions
    expected = p[:, [0, 1, 2, 4]].sum(axis=1) + p[:, 6] / 2
    np.testing.assert_allclose(backend.score(TEXTS)[:, 0], expected, atol=1e-5)


def test_text_beyond_the_position_table_is_windowed(tiny_structbert: Backend) -> None:
    assert tiny_structbert.window_tokens == 62
    scores = score(["天" * 200], tiny_structbert)
    assert scores.windows[0] == 4


def test_a_fast_tokenizer_is_used_only_where_modelscope_uses_it(tmp_path: Path) -> None:
    folder = folders.structbert_folder(tmp_path / "m")
    folders.tokenizer().save(str(folder / "tokenizer.json"))
    characters = in_torch(folder).lengths(["难吃"])[0]
    (folder / "tokenizer_config.json").write_text(json.dumps({"use_fast": True}), "utf-8")
    words = in_torch(folder).lengths(["难吃"])[0]
    assert (characters, words) == (2, 1)


def test_our_own_model_exported_for_modelscope_gives_the_same_labels_there_and_here(
    tmp_path: Path, lexicon_folder: Path
) -> None:
    import torch

    from core.train.net import Classifier, NetConfig
    from core.train.to_modelscope import write

    torch.manual_seed(5)
    shape = NetConfig(vocab=len(folders.WORDS), width=32, layers=2, heads=2, inner=64, positions=128)
    net = Classifier(shape).eval()
    for parameter in net.parameters():
        parameter.data.mul_(12)  # as drawn, all texts would get nearly the same answer
    words = tmp_path / "words"
    words.mkdir()
    (words / "tokenizer.json").write_bytes((lexicon_folder / "tokenizer.json").read_bytes())
    (words / "vocab.txt").write_text("".join(f"{word}\n" for word in folders.WORDS), "utf-8")
    write(net, words, tmp_path / "exported")
    ours = score(TEXTS, in_torch(tmp_path / "exported"))
    theirs = pipeline_answers(tmp_path / "exported", TEXTS)
    assert len(set(ours.label.tolist())) > 1
    assert [LABELS[i] for i in ours.label] == [max(answer, key=answer.get) for answer in theirs]

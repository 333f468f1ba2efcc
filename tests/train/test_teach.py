"""Teachers agree on soft labels, which are written in parts and learned from."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.special import softmax

from core.train import blend, finetune, losses, main, tasks, taught
from core.train.net import SPANS

pytestmark = pytest.mark.torch
TEACH = ["--teachers", "finetune", "--texts", "200", "--part", "64", "--spans", "20"]


@pytest.fixture(scope="module")
def lesson(trained: Path) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TINGFENG_TRAIN_DIR", str(trained / "work"))
        patch.setenv("TINGFENG_TRAIN_DATA", str(trained / "data"))
        assert main(["noise", "--bits", "12"]) == 0
        assert main(["teach", *TEACH]) == 0
    return trained / "work" / "taught"


def test_every_text_gets_probabilities_of_all_heads(lesson: Path) -> None:
    found = taught.read("taught", 96)
    assert len(found.encoded) == len(found.p) > 100
    for span in SPANS.values():
        np.testing.assert_allclose(found.p[:, span].astype(np.float32).sum(1), 1, atol=5e-3)


def test_good_comments_of_the_corpus_are_called_good(lesson: Path) -> None:
    found, tok = taught.read("taught", 96), tasks.tokenizer(96)
    texts = tok.decode_batch(found.encoded)
    good = np.array(["很好" in text.replace(" ", "") for text in texts])
    assert good.any()
    assert (found.p[good, 2] > found.p[good, 0]).mean() > 0.9


def test_the_blend_is_no_worse_on_held_out_rows_than_the_worst_voice(lesson: Path) -> None:
    facts = json.loads((lesson / "teach.json").read_text("utf-8"))
    loss = facts["dev_log_loss"]
    assert {"finetune", "wide", facts["way"]} <= loss.keys()
    assert loss[facts["way"]] <= max(loss["finetune"], loss["wide"])


def test_a_second_run_goes_on_and_keeps_the_parts_that_are_there(lesson: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in taught.parts("taught")}
    last = taught.parts("taught")[-1]
    content = np.load(last)["ids"]
    last.unlink()
    main(["teach", *TEACH])
    after = {path: path.stat().st_mtime_ns for path in taught.parts("taught")}
    assert before.keys() == after.keys()
    assert {path for path in before if before[path] != after[path]} == {last}
    np.testing.assert_array_equal(np.load(last)["ids"], content)


def test_a_long_text_is_cut_and_still_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TINGFENG_TRAIN_DIR", str(tmp_path))
    taught.write("x", 0, taught.Lesson([[2, 7, 8, 9, 3], [2, 7, 3]], np.ones((2, 13), np.float16)))
    assert taught.read("x", 4).encoded == [[2, 7, 8, 3], [2, 7, 3]]


def test_without_a_lesson_there_is_nothing_to_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TINGFENG_TRAIN_DIR", str(tmp_path))
    with pytest.raises(ValueError, match="no lesson"):
        taught.read("none", 96)


def test_a_voice_that_is_only_noise_is_not_listened_to() -> None:
    rng = np.random.default_rng(1)
    y = rng.integers(0, 3, 400)
    good = np.eye(13, dtype=np.float32)[y] * 2 + rng.normal(size=(400, 13)).astype(np.float32) * 0.5
    teachers = blend.TeacherLogits(np.stack([good, rng.normal(size=(400, 13)).astype(np.float32)]), (False, False))
    rows = tasks.Rows(
        text=[""] * 400,
        target={"sentiment": y, "emotion": np.full(400, -1), "offensive": np.full(400, -1)},
        two=np.zeros(400, bool),
        six=np.zeros(400, bool),
        weight=np.ones(400, np.float32),
        origin=np.array(["x"] * 400),
    )
    p = blend.fit(teachers, rows, "sentiment")
    assert p[0] > 5 * abs(p[1])
    found = blend.compare(teachers, rows, ["good", "noise"])
    assert found["weighed log-probabilities"] < found["mean of probabilities"] < found["noise"]


def test_soft_loss_is_least_where_the_pupil_says_what_the_teacher_says() -> None:
    config = finetune.FinetuneConfig(temperature=2.0)
    logits = torch.randn(3, 13, generator=torch.Generator().manual_seed(1))
    wanted = torch.from_numpy(np.concatenate([softmax(logits.numpy()[:, span], 1) for span in SPANS.values()], 1))
    pupil = logits.clone().requires_grad_()
    losses.soft_loss(pupil, wanted, config).backward()
    assert pupil.grad is not None
    assert pupil.grad.abs().max() < 1e-5
    assert losses.soft_loss(logits, wanted, config) < losses.soft_loss(logits.flip(1), wanted, config)


def test_taught_batches_stand_between_the_others_in_the_share_asked_for() -> None:
    config = finetune.FinetuneConfig(share=0.25)
    batch = (torch.zeros(1), torch.zeros(1), np.zeros(1, np.int64))
    kinds = [soft for soft, _ in finetune.mixed(iter([batch] * 3000), iter([batch] * 9000), config, 0)]
    assert kinds.count(False) == 3000
    assert np.mean(kinds) == pytest.approx(0.25, abs=0.03)


def test_finetuning_with_doubts_and_soft_labels_ends_after_its_steps_and_resumes(lesson: Path) -> None:
    quick = ["--compiled", "0", "--bf16", "0", "--tokens", "1024", "--warmup", "2"]
    more = ["--noise", "noise", "--soft", "taught", "--share", "0.5", "--name", "pupil"]
    assert main(["finetune", *quick, *more, "--steps", "4"]) == 0
    first = torch.load(lesson.parent / "pupil.pt", weights_only=True)
    assert first["step"] == 4
    assert main(["finetune", *quick, *more, "--steps", "6"]) == 0
    second = torch.load(lesson.parent / "pupil.pt", weights_only=True)
    assert second["step"] == 6
    assert second["tokens"] > first["tokens"]

"""A sitting in small: texts travel whole, packs keep texts apart, and what comes home is what was taught."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.train import (
    bundle,
    collect,
    finetune,
    losses,
    machine,
    main,
    masked,
    packed,
    plan,
    reader,
    school,
    sitting,
    taught,
)
from core.train.net import Classifier, NetConfig

pytestmark = pytest.mark.torch

ENCODED = st.lists(st.lists(st.integers(5, 60_000), min_size=1, max_size=30).map(lambda e: [2, *e, 3]), max_size=40)


@given(ENCODED, st.integers(1, 4))
def test_packs_hold_every_text_once_and_whole(encoded: list[list[int]], windows: int) -> None:
    texts = packed.Texts.of(encoded)
    at = np.random.default_rng(1).permutation(len(encoded))
    seen: list[int] = []
    for pack in texts.packs(at, windows, 32):
        assert pack.ids.shape == (windows, 32)
        flat = pack.ids.ravel()
        for first, row in zip(pack.first.tolist(), pack.rows.tolist(), strict=True):
            assert first // 32 == (first + len(encoded[row]) - 1) // 32
            assert flat[first : first + len(encoded[row])].tolist() == encoded[row]
        assert np.count_nonzero(flat) == sum(len(encoded[row]) for row in pack.rows)
        seen += pack.rows.tolist()
    assert seen == at.tolist()


def test_texts_are_taken_in_the_order_asked_for() -> None:
    texts = packed.Texts.of([[2, 7, 3], [2, 3], [2, 8, 9, 3]])
    some = texts.take(np.array([2, 0]))
    assert some.ids.tolist() == [2, 8, 9, 3, 2, 7, 3]
    assert some.length.tolist() == [4, 3]


def test_texts_travel_whole(tmp_path: Path) -> None:
    texts = packed.Texts.of([[2, *range(5, 5 + n % 40), 3] for n in range(500)])
    assert bundle.write_texts(tmp_path, "some", texts) > 0
    back = bundle.read_texts(tmp_path, "some")
    assert back.ids.tolist() == texts.ids.tolist()
    assert back.starts.tolist() == texts.starts.tolist()


def test_what_an_elder_said_travels_in_bytes(tmp_path: Path) -> None:
    p = np.random.default_rng(1).dirichlet(np.ones(13), 200).astype(np.float16)
    assert bundle.read_elder(tmp_path) == {}
    assert bundle.write_elder(tmp_path, {"dev": np.log(p + 1e-9)}) < 200 * 13
    back = np.exp(bundle.read_elder(tmp_path)["dev"].astype(np.float32))
    np.testing.assert_allclose(back[p > 1e-5], p[p > 1e-5], rtol=0.04)


@pytest.mark.parametrize("rounded", [False, True])
def test_weights_travel_in_small_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rounded: bool) -> None:
    monkeypatch.setattr(collect, "PIECE", 20_000)
    state = Classifier(TINY).state_dict()
    collect.split(state, tmp_path, "some", rounded)
    files = list(tmp_path.glob("some.*.pt"))
    assert len(files) > 1
    assert sum(path.stat().st_size for path in files) < (1.7 if rounded else 2.7) * sum(
        value.numel() for value in state.values()
    )
    back = collect.join(tmp_path, "some")
    assert back.keys() == state.keys()
    for name, value in state.items():
        step = value.abs().amax().item() / 127 if rounded else 1e-3
        torch.testing.assert_close(back[name], value, atol=step, rtol=1e-3)
    assert collect.join(tmp_path, "other") == {}


def test_two_voices_are_one_distribution_a_head() -> None:
    one, other = (torch.randn(5, 13, generator=torch.Generator().manual_seed(seed)) for seed in (1, 2))
    both = school.blended(one, other, 0.25).float().exp()
    for low, high in ((0, 3), (3, 11), (11, 13)):
        torch.testing.assert_close(both[:, low:high].sum(1), torch.ones(5), atol=2e-3, rtol=0)
    expected = (0.75 * one + 0.25 * other)[:, :3].softmax(1)
    torch.testing.assert_close(both[:, :3], expected, atol=2e-3, rtol=0)


def test_a_text_is_answered_in_a_pack_as_it_is_alone() -> None:
    torch.manual_seed(1)
    model = Classifier(NetConfig(vocab=60, width=32, layers=2, heads=2, inner=64)).eval()
    encoded = [[2, *np.random.default_rng(n).integers(5, 60, n % 20 + 1).tolist(), 3] for n in range(30)]
    config = plan.SittingConfig(windows=2, length=64, compiled=False)
    packs = school.ask([model], packed.Texts.of(encoded), np.arange(30), config).float()
    alone = torch.from_numpy(finetune.predict(model, encoded))
    for span in ((0, 3), (3, 11), (11, 13)):
        expected = alone[:, slice(*span)].log_softmax(1)
        # bf16 in the pack, float32 alone
        torch.testing.assert_close(packs[:, slice(*span)], expected, atol=0.03, rtol=0)


@pytest.mark.parametrize("stages", ["teacher", "", "teacher learns 0", "teacher reads,pupil"])
def test_an_unknown_stage_is_refused(stages: str) -> None:
    with pytest.raises(ValueError, match=r"unknown stages: .*; the stages are teacher reads, teacher learns, "):
        plan.SittingConfig(stages=stages)


@pytest.mark.parametrize(
    ("stages", "expected"),
    [
        ("none", []),
        ("teacher learns", ["teacher learns 0", "teacher learns 1"]),
        ("pupil reads, teacher says", ["teacher says", "pupil reads"]),
    ],
)
def test_the_requested_stages_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stages: str, expected: list[str]
) -> None:
    ran: list[str] = []
    monkeypatch.setattr(sitting.Sitting, "reads", lambda _self, who, *_: ran.append(f"{who} reads"))
    monkeypatch.setattr(sitting.Sitting, "teacher_learns", lambda _self, i: ran.append(f"teacher learns {i}"))
    monkeypatch.setattr(sitting.Sitting, "teacher_says", lambda _self: ran.append("teacher says"))
    nothing = packed.Texts.of([])
    none = {name: np.zeros(0, np.int64) for name in ("sentiment", "emotion", "offensive")}
    wanted = losses.Targets.of(none, np.zeros(0, bool), np.zeros(0, bool), np.zeros(8, bool))
    room = school.TrainingData(nothing, wanted, np.ones(0, np.float32), [], 40)
    config = plan.SittingConfig(keep=str(tmp_path), stages=stages)
    sitting.Sitting(config, plan.Clock(1.0), room, nothing, {}).hold()
    assert ran == expected


def test_text_of_less_than_two_steps_is_refused() -> None:
    assert 0 <= masked.window_start(20, 10, 1, 3) < 10
    with pytest.raises(ValueError, match="19 tokens are too few for steps of 10"):
        masked.window_start(19, 10, 1, 0)


def test_time_is_shared_out_among_what_is_left() -> None:
    clock = plan.Clock(100)
    clock.shares = {"a": 1.0, "b": 3.0}
    assert clock.stage("a", 1.0, 0.1).seconds == pytest.approx(25, abs=1)
    assert clock.stage("b", 1.0, 0.1).seconds == pytest.approx(100, abs=1)


def test_the_rate_rises_and_falls_with_the_clock() -> None:
    stage = plan.Stage("a", 1.0, 1000.0, 0.1)
    rates = []
    for done in (0.0, 0.05, 0.1, 0.5, 1.0):
        stage.began -= stage.seconds * done - (stage.seconds * stage.done())
        rates.append(stage.rate())
    assert rates == pytest.approx([0.001, 0.475, 0.9, 0.5, 0.02], abs=0.01)


def test_a_running_mean_lies_among_the_weights() -> None:
    layer = torch.nn.Linear(1, 1, bias=False)
    with torch.no_grad():
        layer.weight.fill_(0.0)
        averaged = machine.Averaged(layer, 0.5)
        for value in (1.0, 2.0, 4.0):
            layer.weight.fill_(value)
            averaged.note()
        assert layer.weight.item() == 4.0
    averaged.settle()
    assert 1.0 < layer.weight.item() < 4.0


class Counted(plan.Stage):
    """A stage that is over after so many steps, whatever the clock says."""

    def __init__(self, steps: int, rate: float) -> None:
        super().__init__("counted", rate, 1.0, 0.1)
        self.steps = steps

    def done(self) -> float:
        """Return how much is over."""
        return self.step / self.steps


TINY = NetConfig(vocab=40, width=32, layers=1, heads=2, inner=64, dropout=0.0)
SETTINGS = plan.SittingConfig(windows=4, length=32, compiled=False, ema=0.9)


def test_a_reader_learns_which_word_follows_which() -> None:
    tokens = torch.tensor([2, 10, 11, 12, 13, 3, 2, 20, 21, 22, 23, 3] * 400, dtype=torch.int32)
    model = reader.read(TINY, tokens, SETTINGS, Counted(150, 1e-2)).eval()
    ids = torch.tensor([[2, 10, 4, 12, 13, 3], [2, 20, 4, 22, 23, 3]])
    positions, mask = masked.layout(ids)
    with torch.no_grad():
        x = model.bert(ids, positions, mask)[:, 2]
        right, wrong = (model.told(x, torch.tensor(words)).item() for words in ([11, 21], [21, 11]))
    assert right < 0.5
    assert wrong > 3
    on = reader.read(TINY, tokens, SETTINGS, Counted(1, 1e-9), model.state_dict())
    torch.testing.assert_close(on.state_dict(), model.state_dict(), atol=1e-6, rtol=0)


@pytest.mark.parametrize("with_teachers", [False, True])
def test_labels_and_teachers_are_learned_from(with_teachers: bool) -> None:
    rng = np.random.default_rng(1)
    y = rng.integers(0, 2, 300) * 2
    texts = packed.Texts.of([[2, *rng.integers(12, 40, 6).tolist(), 10 + label // 2, 3] for label in y.tolist()])
    none, no = np.full(300, -1), np.zeros(300, bool)
    # With teachers the labels say the contrary and count nothing: the teachers alone are right.
    heads = {"sentiment": 2 - y if with_teachers else y, "emotion": none, "offensive": none}
    wanted = losses.Targets.of(heads, ~no, no, np.zeros(8, bool))
    taught_by = None
    if with_teachers:
        p = torch.full((300, 13), 0.1)
        p[:, 0], p[:, 2] = torch.from_numpy((y == 0) * 0.8 + 0.1), torch.from_numpy((y == 2) * 0.8 + 0.1)
        taught_by = school.Taught(texts, p.log(), p.log())
    room = school.TrainingData(texts, wanted, np.ones(300, np.float32), [], 40)
    model, settings = Classifier(TINY), replace(SETTINGS, blend=1.0 if with_teachers else 0.0)
    school.study(model, room, settings, Counted(150, 3e-3), taught_by)
    said = school.ask([model], texts, np.arange(300), settings).float().numpy()
    assert np.mean(said[:, [0, 2]].argmax(1) * 2 == y) > 0.95


@pytest.mark.slow
def test_a_sitting_teaches_a_pupil_and_comes_home(
    trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = shutil.copytree(trained / "work", tmp_path / "work")
    monkeypatch.setenv("TINGFENG_TRAIN_DIR", str(work))
    assert main(["bundle", "--tokens", "4000", "--noise", "", "--max-length", "64"]) == 0
    assert main(["elder", "--part", "100"]) == 0
    bundled = (work / "bundle" / "elder.npz").read_bytes()
    assert main(["elder", "--part", "100"]) == 0  # from the parts that it kept
    assert (work / "bundle" / "elder.npz").read_bytes() == bundled
    small = {
        "bundle": work / "bundle", "out": tmp_path / "out", "keep": tmp_path / "keep", "seconds": 6,
        "windows": 2, "pupil-windows": 2, "length": 256, "width": 64, "layers": 1, "pupil-width": 64,
        "pupil-layers": 1, "voices": 1, "compiled": 0, "said": 50, "learn-rate": 2e-3, "pupil-learn-rate": 2e-3,
    }  # fmt: skip
    run = ["sitting", *(f"--{name}={value}" for name, value in small.items())]
    assert main([*run, "--stages=teacher reads,teacher learns,teacher says"]) == 0
    assert {path.name.split(".")[0] for path in (tmp_path / "out").iterdir()} == {
        "teacher", "said", "said_train", "sitting",
    }  # fmt: skip
    made = (tmp_path / "keep" / "teacher reads.pt").read_bytes()
    assert main([*run, "--rehearsal=0"]) == 0
    assert (tmp_path / "keep" / "teacher reads.pt").read_bytes() == made
    facts = json.loads((tmp_path / "out" / "sitting.json").read_text("utf-8"))
    assert list(facts["stages"]) == ["teacher reads", "teacher learns 0", "teacher says", "pupil reads", "pupil learns"]
    assert facts["stages"]["pupil learns"]["accuracy"].keys() >= {"waimai10k", "smp2020_usual", "own_comments"}
    assert all(path.stat().st_size < 16 * 2**20 for path in (tmp_path / "out").iterdir())
    assert main(["collect", "--folder", str(tmp_path / "out"), "--lesson", "brought"]) == 0
    pupil = finetune.load(work / "pupil.pt")
    kept = torch.load(tmp_path / "keep" / "pupil learns.pt", weights_only=True)
    torch.testing.assert_close(pupil.state_dict(), kept, atol=1e-3, rtol=1e-3)
    lesson = taught.read("brought", 64)
    assert 0 < len(lesson.encoded) <= 50
    np.testing.assert_allclose(lesson.p[:, :3].sum(1), 1, atol=0.01)
    read = collect.join(tmp_path / "out", "reader")
    on = [*run, "--rehearsal=0", f"--start={tmp_path / 'out'}", f"--keep={tmp_path / 'on'}", "--stages=pupil reads"]
    assert main([*on, "--seconds=0.01", "--pupil-rate=1e-9"]) == 0
    torch.testing.assert_close(collect.join(tmp_path / "out", "reader"), read, atol=1e-3, rtol=0)

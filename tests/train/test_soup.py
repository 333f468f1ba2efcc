"""A soup lies between two checkpoints, also where one knows more positions than the other."""

from pathlib import Path

import pytest
import torch

from core.train import main
from core.train.finetune import load
from core.train.net import PLACES, Classifier, NetConfig

pytestmark = pytest.mark.torch


def checkpoint(path: Path, positions: int) -> dict[str, torch.Tensor]:
    state = Classifier(NetConfig(vocab=30, layers=1, positions=positions)).state_dict()
    facts = {"config": {}, "step": 1, "minutes": 1.0, "epoch": 0, "tokens": 9}
    torch.save(facts | {"ema": state, "model": state}, path)
    return state


def test_a_soup_lies_between_its_two_checkpoints(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TINGFENG_TRAIN_DIR", str(tmp_path))
    short, long = checkpoint(tmp_path / "short.pt", 40), checkpoint(tmp_path / "long.pt", 100)
    assert main(["soup", "--first", "short", "--second", "long", "--share", "0.25", "--name", "mixed"]) == 0
    mixed = load(tmp_path / "mixed.pt").state_dict()
    assert mixed[PLACES].shape == (100, 256)
    torch.testing.assert_close(
        mixed["classifier.weight"], 0.75 * short["classifier.weight"] + 0.25 * long["classifier.weight"]
    )
    # row 40 of the shorter table is its row 8 once more
    torch.testing.assert_close(mixed[PLACES][40], 0.75 * short[PLACES][8] + 0.25 * long[PLACES][40])

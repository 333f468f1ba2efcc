"""The step that trains the satisfaction of customers, on a handful of dialogues written here."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from core.mine.dialogue import open_model
from core.train import main


@pytest.fixture
def annotated(workplace: Path) -> Path:
    """Forty dialogues: those that end in thanks are satisfied, those that end in a threat are not."""
    folder = workplace / "data" / "dialogue"
    folder.mkdir(exist_ok=True)
    path = folder / "stc3_helpdesk.train.jsonl.gz"
    with gzip.open(path, "wt", encoding="utf-8") as out:
        for i in range(40):
            good = i % 2 == 0
            last = f"太好了,谢谢,第{i}单解决了" if good else f"垃圾客服,第{i}单我要投诉"
            turns = [("customer", f"第{i}单还没到"), ("helpdesk", "您好,正在为您核实"), ("customer", last)]
            line = {"id": str(i), "turns": [{"speaker": s, "text": t} for s, t in turns]}
            out.write(json.dumps(line | {"satisfaction": (1 if good else -1) + 0.01 * i}, ensure_ascii=False) + "\n")
    return path


def test_what_was_trained_is_opened_and_measured_on_held_out_folds(annotated: Path, tmp_path: Path) -> None:
    out = tmp_path / "weights" / "satisfaction.npz"
    assert main(["dialogue", "--out", str(out), "--folds", "2", "--inner-folds", "2"]) == 0
    model = open_model(out)
    assert model is not None
    assert np.isfinite(model.words).all()
    assert out.stat().st_size < 1_000_000
    card = out.with_name("card.md").read_text("utf-8")
    assert f"`{model.backend}`" in card
    assert "40 Chinese customer" in card
    best = card.splitlines()[-2].split("|")[2].split("±")[0]
    assert float(best) > 0.6

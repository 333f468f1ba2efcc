"""A thinned encoder is its source without some layers, and learns on from there."""

import json
from pathlib import Path

import pytest
import torch

from core.score import load as open_model
from core.train import finetune, main
from core.train.finetune import FinetuneConfig
from core.train.net import Classifier, NetConfig
from core.train.thin import thinned

pytestmark = pytest.mark.torch
QUICK = ["--compiled", "0", "--bf16", "0"]


def answers(model: Classifier, ids: torch.Tensor) -> torch.Tensor:
    return model.eval()(ids, torch.ones_like(ids))[0]


def test_layers_that_do_nothing_can_be_left_out() -> None:
    torch.manual_seed(1)
    shape = NetConfig(vocab=30, width=64, layers=3, heads=1, inner=64, positions=16)
    whole = Classifier(shape)
    short = Classifier(NetConfig(vocab=30, width=64, layers=2, heads=1, inner=64, positions=16))
    idle = whole.bert.encoder["layer"][1]
    with torch.no_grad():  # adds nothing to what it is given, and the norms before it have left nothing to do
        for part in (idle.attention.output["dense"], idle.output["dense"]):
            part.weight.zero_()
            part.bias.zero_()
    short.load_state_dict(thinned(whole.state_dict(), [0, 2]))
    ids = torch.randint(30, (4, 9))
    torch.testing.assert_close(answers(short, ids), answers(whole, ids), rtol=1e-4, atol=1e-4)
    short.load_state_dict(thinned(whole.state_dict(), [0, 1]))
    assert not torch.allclose(answers(short, ids), answers(whole, ids), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("keep", [[], [0, 3], [-1]])
def test_layers_that_are_none_are_refused(keep: list[int]) -> None:
    state = Classifier(NetConfig(vocab=30, width=64, layers=3, heads=1, inner=64, positions=16)).state_dict()
    with pytest.raises(ValueError, match="of 3"):
        thinned(state, keep)


def test_a_small_model_is_made_and_measured_beside_the_shipped_one(
    trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = trained / "work"
    before = {name: (work / name).read_bytes() for name in ("mix.json", "export.json")}
    assert main(["thin", "--source", "finetune", "--layers", "0", "--name", "small0"]) == 0
    # what the source had learned of the heads is where the small one begins
    begun = finetune.build(FinetuneConfig(source="small0"))
    source = torch.load(work / "finetune.pt", weights_only=True)["ema"]
    torch.testing.assert_close(begun.state_dict()["classifier.weight"], source["classifier.weight"])
    taught = ["--source", "small0", "--name", "small", "--steps", "4", "--tokens", "512", *QUICK]
    assert main(["finetune", *taught]) == 0
    monkeypatch.setenv("TINGFENG_MODEL_DIR", str(tmp_path / "small"))
    assert main(["calibrate", "--name", "small", "--model", "small"]) == 0
    assert main(["export", "--name", "small", "--model", "small", "--texts", "40", "--compare", "40"]) == 0
    assert main(["evaluate", "--split", "dev", "--model", "small"]) == 0
    assert {name: (work / name).read_bytes() for name in before} == before
    labels = json.loads((tmp_path / "small" / "labels.json").read_text("utf-8"))
    assert labels["name"] == "tingfeng-small"
    assert json.loads((work / "evaluate.small.dev.json").read_text("utf-8"))["version"] == labels["version"]
    assert open_model(str(tmp_path / "small")).heads.keys() == {"sentiment", "emotion", "offensive"}

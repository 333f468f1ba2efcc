"""Trained parts → the shipped folder: int8 ``model.onnx``, tokenizer, labels; checked against the torch model."""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import torch
from numpy.typing import NDArray
from torch import nn

from core.schema import EMOTIONS, LABEL_NAMES
from core.score.batch import Bunch, batches
from core.score.onnx import fed
from core.train import calibrate, data, finetune, graph, tasks, wide
from core.train.config import BUILTIN, LOG, facts_path, model_dir, parse, work_dir
from core.train.net import SPANS, Classifier

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class ExportConfig:
    """Settings of ``export``."""

    name: str = "finetune"  # the fine-tuned checkpoint
    model: str = BUILTIN  # the shipped model to write
    max_length: int = 512
    texts: int = 1500  # dev texts that calibrate the activation ranges
    tail: float = 2.0e-5  # share of activations clipped at each end
    compare: int = 4000  # dev texts on which int8 is compared with float


def activation_spans(model: Classifier, encoded: list[list[int]], tail: float) -> dict[str, tuple[float, float]]:
    """Measure the input range of every linear layer of the encoder.

    Returns:
        Layer name without ``bert.`` → low and high quantiles.
    """
    seen: dict[str, list[NDArray[np.float32]]] = {}

    def listen(name: str) -> Any:
        def hook(_module: nn.Module, inputs: tuple[torch.Tensor, ...]) -> None:
            flat = inputs[0].flatten()
            take = torch.randint(len(flat), (4000,))
            seen.setdefault(name, []).append(torch.cat([flat[take], flat.min()[None], flat.max()[None]]).numpy())

        return hook

    handles = [
        module.register_forward_pre_hook(listen(name.removeprefix("bert.")))
        for name, module in model.named_modules()
        if isinstance(module, nn.Linear) and ".layer." in name
    ]
    # One text at a time, so that no padding is counted.
    with torch.inference_mode():
        for ids in encoded:
            model(torch.tensor([ids]), torch.ones(1, len(ids), dtype=torch.int64))
    for handle in handles:
        handle.remove()
    low_high = {name: np.concatenate(values) for name, values in seen.items()}
    return {name: (float(np.quantile(v, tail)), float(np.quantile(v, 1 - tail))) for name, v in low_high.items()}


def session_of(model: bytes) -> onnxruntime.InferenceSession:
    """Open an ONNX model."""
    options = onnxruntime.SessionOptions()
    # Spinning threads would take CPU from other sessions and other processes on the machine.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def onnx_logp(session: onnxruntime.InferenceSession, encoded: list[list[int]], tokens: int = 4096) -> Floats:
    """Run an ONNX model on texts; return log-probabilities (texts, 13)."""
    out = np.zeros((len(encoded), 13), np.float32)
    names = [one.name for one in session.get_inputs()]
    for at in batches(np.array([len(e) for e in encoded], np.int32), tokens):
        ids = np.array([encoded[i] for i in at], np.int64)
        heads = session.run(list(SPANS), fed(Bunch.of(ids), names, others=True))
        out[at] = np.log(np.concatenate(heads, 1) + 1e-9)
    return out


def version_of(folder: Path) -> str:
    """Return the model's version: sha256 of model.onnx and tokenizer.json, first 12 hex digits."""
    return hashlib.sha256((folder / "model.onnx").read_bytes() + (folder / "tokenizer.json").read_bytes()).hexdigest()[
        :12
    ]


def write_labels(folder: Path, max_length: int, model: str = BUILTIN) -> str:
    """Write labels.json and return the version."""
    version = version_of(folder)
    labels = {
        "sentiment": LABEL_NAMES,
        "emotion": EMOTIONS,
        "offensive": data.OFFENSIVE,
        "max_length": max_length,
    }
    labels |= {"name": f"tingfeng-{model}", "version": version}
    (folder / "labels.json").write_text(json.dumps(labels, ensure_ascii=False, indent=1) + "\n", "utf-8")
    return version


def state_of(model: Classifier) -> dict[str, Floats]:
    """Return the parameters as arrays, with names without ``bert.``."""
    return {name.removeprefix("bert."): value.numpy() for name, value in model.state_dict().items()}


def main(argv: list[str]) -> int:
    """Write the shipped folder, and the int8–float comparison on dev to the work folder."""
    config = parse(ExportConfig, "export", argv)
    mix = json.loads(facts_path("mix", config.model).read_text("utf-8"))
    model = finetune.load(work_dir() / f"{config.name}.pt", mix["weights"])
    tables = wide.load(work_dir() / "wide.npz")
    params = mix["params"]
    layers = len(model.bert.encoder["layer"])  # type: ignore[arg-type]
    rows = tasks.dev_rows()
    encoded = tasks.encode(tasks.tokenizer(config.max_length), rows.text)
    some = np.random.default_rng(1).permutation(len(encoded))
    torch.manual_seed(1)
    spans = activation_spans(model, [encoded[i] for i in some[: config.texts]], config.tail)
    heads = model.bert.encoder["layer"][0].attention.heads  # type: ignore[index]
    small = graph.build(state_of(model), tables, params, layers=layers, heads=heads, spans=spans).SerializeToString()
    folder = model_dir(config.model)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.onnx").write_bytes(small)
    shutil.copy(work_dir() / "tokenizer.json", folder / "tokenizer.json")
    shutil.copy(work_dir() / "vocab.txt", folder / "vocab.txt")
    version = write_labels(folder, config.max_length, config.model)
    LOG.info("export: %s, %.1f MB", version, len(small) / 1e6)
    at = some[-config.compare :]
    part, texts = rows.take(at), [encoded[i] for i in at]
    exact = calibrate.combine(params, wide.logits(tables, texts), finetune.predict(model, texts))
    rough = onnx_logp(session_of(small), texts)
    gap = np.abs(np.exp(exact[:, :3]) - np.exp(rough[:, :3]))
    facts = {
        "version": version,
        "mean_gap": float(gap.mean()),
        "largest_gap": float(gap.max()),
        "same_label": float(np.mean(exact[:, :3].argmax(1) == rough[:, :3].argmax(1))),
        "float": {name: m.as_dict() for name, m in tasks.score_rows(part, exact).items()},
        "int8": {name: m.as_dict() for name, m in tasks.score_rows(part, rough).items()},
    }
    facts_path("export", config.model).write_text(json.dumps(facts, indent=1), "utf-8")
    LOG.info(
        "export: mean gap %.4f, largest %.3f, same label %.4f",
        facts["mean_gap"],
        facts["largest_gap"],
        facts["same_label"],
    )
    return 0

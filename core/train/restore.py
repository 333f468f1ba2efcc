"""The shipped ONNX file → a checkpoint, so that training can resume from the repository alone.

The dequantised weights are within half a step of the trained ones; a few hundred training steps repair the rest.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import numpy_helper

from core.score.graph import unrolled
from core.train.config import LOG, model_dir, parse, work_dir
from core.train.net import Classifier, shape_of
from core.train.pretrain import save

Floats = NDArray[np.float32]
Constant = NDArray[Any]
QUANTISED, ATTENTION = "MatMulIntegerToFloat", "MultiHeadAttention"
#: The inputs of a layer's attention in order, and the layer's other matrices in graph order.
READ = ("attention.self.query", "attention.self.key", "attention.self.value")
REST = ("attention.output.dense", "intermediate.dense", "output.dense")


@dataclass(frozen=True)
class RestoreConfig:
    """Settings of ``restore``."""

    name: str = "restored"  # the checkpoint to write


class Nodes:
    """The graph's nodes by kind, in the order written by `core.train.graph`, and the constants they use."""

    def __init__(self, path: Path) -> None:
        graph = onnx.load(path).graph
        self._nodes = list(unrolled(graph))
        self._constants = {item.name: numpy_helper.to_array(item) for item in graph.initializer}

    def constant(self, name: str) -> Constant:
        """Return a constant by name."""
        return self._constants[name]

    def constants(self, kind: str) -> Iterator[list[Constant]]:
        """Yield the constant inputs of every node of one kind, in order."""
        for node in self._of(kind):
            yield self._constants_of(node)

    def matrices(self) -> dict[str, list[Constant]]:
        """Return the constants of every int8 matrix of the encoder, by name."""
        made = {node.output[0]: self._constants_of(node) for node in self._of(QUANTISED)}
        named = {}
        for layer, attention in enumerate(self._of(ATTENTION)):
            for name, source in zip(READ, attention.input, strict=False):
                named[f"encoder.layer.{layer}.{name}"] = made.pop(source)
        layers = len(named) // len(READ)
        rest = (f"encoder.layer.{layer}.{name}" for layer in range(layers) for name in REST)
        return named | dict(zip(rest, made.values(), strict=True))

    def heads(self) -> int:
        """Return the number of attention heads."""
        attention = next(self._of(ATTENTION))
        return int(next(item.i for item in attention.attribute if item.name == "num_heads"))

    def _constants_of(self, node: onnx.NodeProto) -> list[Constant]:
        return [self._constants[name] for name in node.input if name in self._constants]

    def _of(self, kind: str) -> Iterator[onnx.NodeProto]:
        return (node for node in self._nodes if node.op_type == kind)


def encoder(nodes: Nodes) -> dict[str, Floats]:
    """Return the encoder's parameters under BERT's names, dequantised.

    Args:
        nodes: The shipped graph.

    Returns:
        Name (with ``bert.``) → array. The segment embedding is folded into the positions and therefore zero.
    """
    words, places = nodes.constant("words"), nodes.constant("places")
    state = {
        "embeddings.word_embeddings.weight": words * nodes.constant("words_scale"),
        "embeddings.position_embeddings.weight": places,
        "embeddings.token_type_embeddings.weight": np.zeros((2, places.shape[1])),
    }
    (scale, shift), *norms = nodes.constants("LayerNormalization")
    state |= {"embeddings.LayerNorm.weight": scale, "embeddings.LayerNorm.bias": shift}
    for name, (whole, _, scales, _, bias) in nodes.matrices().items():  # activations' scale and zero point unused
        state |= {f"{name}.weight": (whole * scales).T, f"{name}.bias": bias}
    for layer in range(len(norms) // 2):
        at = f"encoder.layer.{layer}"
        for name, (scale, shift) in zip(("attention.output", "output"), norms[2 * layer :], strict=False):
            state |= {f"{at}.{name}.LayerNorm.weight": scale, f"{at}.{name}.LayerNorm.bias": shift}
    return {f"bert.{name}": np.ascontiguousarray(value, np.float32) for name, value in state.items()}


def dense(nodes: Nodes) -> dict[str, Floats]:
    """Return the pooler and the classifier: the first float matrices of the graph and their biases."""
    weights = [found[-1] for found in nodes.constants("MatMul") if found]
    biases = [found[-1] for found in nodes.constants("Add") if found]
    pooled = next(value for value in biases if value.shape == (weights[0].shape[1],))
    told = next(value for value in biases if value.shape == (weights[1].shape[1],))
    state = {
        "bert.pooler.dense.weight": weights[0].T, "bert.pooler.dense.bias": pooled,
        "classifier.weight": weights[1].T, "classifier.bias": told,
    }  # fmt: skip
    return {name: np.ascontiguousarray(value, np.float32) for name, value in state.items()}


def restore(path: Path) -> Classifier:
    """Rebuild the classifier from a shipped ``model.onnx``.

    Args:
        path: A file written by ``export`` with int8 matrices.

    Returns:
        The deep part; its outputs differ from the file's only by the rounding of activations.
    """
    nodes = Nodes(path)
    arrays = encoder(nodes) | dense(nodes)
    shape = replace(shape_of(arrays), heads=nodes.heads())
    model = Classifier(shape)
    model.load_state_dict({name: torch.from_numpy(value.copy()) for name, value in arrays.items()})
    model.eval()
    return model


def main(argv: list[str]) -> int:
    """Write ``<name>.pt`` and the shipped tokenizer and vocabulary to the work folder."""
    config = parse(RestoreConfig, "restore", argv)
    model = restore(model_dir() / "model.onnx")
    state = model.state_dict()
    facts = {"version": json.loads((model_dir() / "labels.json").read_text("utf-8"))["version"]}
    save(work_dir() / f"{config.name}.pt", {"model": state, "ema": state, "config": facts})
    for name in ("tokenizer.json", "vocab.txt"):
        shutil.copy(model_dir() / name, work_dir() / name)
    LOG.info("restore: %d layers of version %s", shape_of(state).layers, facts["version"])
    return 0

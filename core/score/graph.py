"""The encoder of a BERT as an ONNX graph written by hand: int8 or float matrices, fused operators, no tracing.

Activations are quantised with fixed ranges that were measured before. Dynamic ranges would be taken over the whole
batch, so a comment's label would depend on its neighbours.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

__all__ = ["MS", "WEIGHT_TOP", "Graph", "Span", "classifier", "encode", "linear", "norm", "quantise_columns"]

Array = NDArray[Any]
#: onnxruntime's own operators; another engine does not know them.
MS: Final = "com.microsoft"
#: Seven bits: u8 × s8 sums of two overflow 16 bits on CPUs without VNNI.
WEIGHT_TOP: Final = 64
_ACTIVATION_TOP: Final = 255


@dataclass(frozen=True, slots=True)
class Span:
    """What goes into a matrix.

    Attributes:
        low: Smallest activation expected.
        high: Largest.
        smooth: (rows,) each activation is divided by its own number first and the row of the matrix multiplied by it,
            so that a few channels that are always large do not take the whole range; None = as it is.
    """

    low: float
    high: float
    smooth: Array | None = None


class Graph:
    """Collects nodes and constants; ``node`` returns the name of its output.

    Args:
        portable: Use operators of the ONNX standard only, for engines other than onnxruntime.
        top: Largest integer of a quantised weight: 64, or 127 where the CPU has VNNI.
        epsilon: Of the layer norms.
    """

    def __init__(self, *, portable: bool = False, top: int = WEIGHT_TOP, epsilon: float = 1e-12) -> None:
        self.portable = portable
        self.top = top
        self.epsilon = epsilon
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []
        self._known: dict[bytes, str] = {}

    def const(self, value: Array, name: str = "") -> str:
        """Add a constant once; returns its name."""
        key = value.tobytes() + str((value.dtype, value.shape)).encode()
        if key not in self._known:
            self._known[key] = name or f"c{len(self.constants)}"
            self.constants.append(numpy_helper.from_array(np.array(value, order="C"), self._known[key]))
        return self._known[key]

    def ints(self, *values: int) -> str:
        """Add a 1-d int64 constant."""
        return self.const(np.array(values, np.int64))

    def real(self, value: float) -> str:
        """Add a float scalar."""
        return self.const(np.array(value, np.float32))

    def node(self, op: str, inputs: list[str], name: str = "", domain: str = "", **attributes: Any) -> str:
        """Add a node with one used output."""
        out = name or f"{op}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(op, inputs, [out], domain=domain, **attributes))
        return out

    def split(self, x: str, width: int, names: list[str]) -> list[str]:
        """Cut the last axis into parts of one width."""
        self.nodes.append(helper.make_node("Split", [x, self.ints(*[width] * len(names))], names, axis=-1))
        return names

    def cast(self, x: str, to: int) -> str:
        """Convert a tensor's type."""
        return self.node("Cast", [x], to=to)

    def model(self, outputs: dict[str, int]) -> onnx.ModelProto:
        """Return the checked model.

        Args:
            outputs: Name of each output and its columns.
        """
        inputs = [
            helper.make_tensor_value_info(name, TensorProto.INT64, ["n", "length"])
            for name in ("input_ids", "attention_mask")
        ]
        ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", width]) for name, width in outputs.items()]
        opsets = [helper.make_opsetid("", 17), helper.make_opsetid(MS, 1)][: 1 if self.portable else 2]
        model = helper.make_model(
            helper.make_graph(self.nodes, "tingfeng", inputs, ends, self.constants), opset_imports=opsets
        )
        model.ir_version = 9
        onnx.checker.check_model(model)
        return model


def quantise_columns(weight: Array, top: int = WEIGHT_TOP) -> tuple[Array, Array]:
    """Round a (rows, columns) matrix to int8 with one scale per column; returns integers and scales."""
    scale = (np.maximum(np.abs(weight).max(0), 1e-8) / top).astype(np.float32)
    return np.clip(np.rint(weight / scale), -top, top).astype(np.int8), scale


def linear(g: Graph, x: str, weight: Array, bias: Array, span: Span | None) -> str:
    """Add x·W + b: int8 with a fixed activation range, or float when ``span`` is None.

    Args:
        g: The graph.
        x: Input (n, L, rows).
        weight: Shape (rows, columns).
        bias: Shape (columns,).
        span: What to expect of the input.
    """
    if span is None:
        return g.node("Add", [g.node("MatMul", [x, g.const(weight)]), g.const(bias)])
    if span.smooth is not None:
        x = g.node("Mul", [x, g.const((1 / span.smooth).astype(np.float32))])
        weight = weight * span.smooth[:, None]
    low, high = min(span.low, 0.0), max(span.high, 0.0)
    step = max(high - low, 1e-6) / _ACTIVATION_TOP
    scale = g.real(step)
    zero = g.const(np.array(round(-low / step), np.uint8))
    small, scales = quantise_columns(weight, g.top)
    q = g.node("QuantizeLinear", [x, scale, zero])
    if not g.portable:
        inputs = [q, g.const(small), scale, g.const(scales), zero, "", g.const(bias)]
        return g.node("MatMulIntegerToFloat", inputs, domain=MS)
    whole = g.node("DequantizeLinear", [q, scale, zero])
    nothing = g.const(np.zeros(len(scales), np.int8))
    matrix = g.node("DequantizeLinear", [g.const(small), g.const(scales), nothing], axis=1)
    return g.node("Add", [g.node("MatMul", [whole, matrix]), g.const(bias)])


def norm(g: Graph, x: str, skip: str | None, state: Mapping[str, Array], name: str) -> str:
    """Add LayerNorm(x + skip).

    onnxruntime's SkipLayerNormalization would do both at once and takes five times as long (measured on this CPU).
    """
    scale, shift = g.const(state[f"{name}.weight"]), g.const(state[f"{name}.bias"])
    total = x if skip is None else g.node("Add", [x, skip])
    return g.node("LayerNormalization", [total, scale, shift], axis=-1, epsilon=g.epsilon)


def encode(
    g: Graph,
    state: Mapping[str, Array],
    *,
    layers: int,
    heads: int,
    spans: Mapping[str, Span] | None,
    exact_words: bool = False,
) -> str:
    """Add the encoder; returns the hidden states (n, L, width).

    Args:
        g: The graph.
        state: Parameters by name, without the ``bert.`` prefix.
        layers: Encoder layers.
        heads: Attention heads.
        spans: What to expect before each matrix, by its name (of query for query, key and value); None = float.
        exact_words: Keep the table of words in float.
    """
    mask = _mask(g)
    x = _embed(g, state, exact_words)

    def dense(value: str, *names: str) -> str:
        weight = np.concatenate([state[f"{n}.weight"].T for n in names], 1)
        bias = np.concatenate([state[f"{n}.bias"] for n in names])
        return linear(g, value, weight, bias, None if spans is None else spans[names[0]])

    for i in range(layers):
        at = f"encoder.layer.{i}"
        joint = dense(x, *(f"{at}.attention.self.{n}" for n in ("query", "key", "value")))
        width = state[f"{at}.attention.self.query.weight"].shape[0]
        y = _attention(g, g.split(joint, width, [f"{at}.{n}" for n in "qkv"]), mask, width, heads)
        x = norm(g, dense(y, f"{at}.attention.output.dense"), x, state, f"{at}.attention.output.LayerNorm")
        y = _gelu(g, dense(x, f"{at}.intermediate.dense"))
        x = norm(g, dense(y, f"{at}.output.dense"), x, state, f"{at}.output.LayerNorm")
    return x


def classifier(g: Graph, hidden: str, state: Mapping[str, Array], output: str) -> None:
    """Add pooler, classifier and softmax; the output is named ``output``."""
    first = g.node("Gather", [hidden, g.const(np.array(0, np.int64))], axis=1)
    pooled = linear(g, first, state["pooler.dense.weight"].T.copy(), state["pooler.dense.bias"], None)
    logits = linear(g, g.node("Tanh", [pooled]), state["classifier.weight"].T.copy(), state["classifier.bias"], None)
    g.node("Softmax", [logits], name=output, axis=-1)


def _embed(g: Graph, state: Mapping[str, Array], exact: bool) -> str:
    """Add the embeddings: words (int8 with a scale per row, or float) plus positions, then the norm."""
    words = state["embeddings.word_embeddings.weight"]
    if exact:
        rows = g.node("Gather", [g.const(words, "words"), "input_ids"])
    else:
        small, scale = quantise_columns(words.T, 127)
        whole = g.node("Gather", [g.const(np.ascontiguousarray(small.T), "words"), "input_ids"])
        by = g.node("Gather", [g.const(scale[:, None], "words_scale"), "input_ids"])
        rows = g.node("Mul", [g.cast(whole, TensorProto.FLOAT), by])
    places = state["embeddings.position_embeddings.weight"] + state["embeddings.token_type_embeddings.weight"][0]
    length = g.node("Gather", [g.node("Shape", ["input_ids"]), g.ints(1)])
    here = g.node("Slice", [g.const(places.astype(np.float32), "places"), g.ints(0), length, g.ints(0)])
    return norm(g, g.node("Add", [rows, here]), None, state, "embeddings.LayerNorm")


def _mask(g: Graph) -> str:
    """Add what attention needs to know of the padding: 1 and 0, or for standard operators 0 and a large negative."""
    if not g.portable:
        return g.cast("attention_mask", TensorProto.INT32)
    there = g.node("Unsqueeze", [g.cast("attention_mask", TensorProto.FLOAT), g.ints(1, 2)])
    return g.node("Mul", [g.node("Sub", [there, g.real(1.0)]), g.real(1e4)])


def _attention(g: Graph, parts: list[str], mask: str, width: int, heads: int) -> str:
    """Add attention over query, key and value, each (n, L, width)."""
    if not g.portable:
        return g.node("MultiHeadAttention", [*parts, "", mask], domain=MS, num_heads=heads)
    size = width // heads
    shaped = [g.node("Reshape", [part, g.ints(0, 0, heads, size)]) for part in parts]
    turns = ([0, 2, 1, 3], [0, 2, 3, 1], [0, 2, 1, 3])
    q, k, v = (g.node("Transpose", [part], perm=turn) for part, turn in zip(shaped, turns, strict=True))
    fit = g.node("Mul", [g.node("MatMul", [q, k]), g.real(size**-0.5)])
    y = g.node("MatMul", [g.node("Softmax", [g.node("Add", [fit, mask])], axis=-1), v])
    return g.node("Reshape", [g.node("Transpose", [y], perm=[0, 2, 1, 3]), g.ints(0, 0, width)])


def _gelu(g: Graph, x: str) -> str:
    """Add the exact GELU."""
    if not g.portable:
        return g.node("Gelu", [x], domain=MS)
    tail = g.node("Add", [g.node("Erf", [g.node("Mul", [x, g.real(2**-0.5)])]), g.real(1.0)])
    return g.node("Mul", [g.node("Mul", [x, tail]), g.real(0.5)])

"""Write the shipped ONNX graph by hand: int8 tables and matrices, fused onnxruntime operators, no tracing.

Activations are quantised with fixed scales measured on dev texts. Dynamic scales would be taken over the whole batch,
so a comment's label would depend on its neighbours.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from core.train import wide

Array = NDArray[Any]
MS = "com.microsoft"
WEIGHT_TOP = 64  # seven bits: u8 × s8 sums of two overflow 16 bits on CPUs without VNNI
ACTIVATION_TOP = 255


class Graph:
    """Collects nodes and constants; `node` returns the name of its output."""

    def __init__(self) -> None:
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

    def cast(self, x: str, to: int) -> str:
        """Convert a tensor's type."""
        return self.node("Cast", [x], to=to)


def quantise_columns(weight: Array, top: int = WEIGHT_TOP) -> tuple[Array, Array]:
    """Round a (rows, columns) matrix to int8 with one scale per column; returns integers and scales."""
    scale = (np.maximum(np.abs(weight).max(0), 1e-8) / top).astype(np.float32)
    return np.clip(np.rint(weight / scale), -top, top).astype(np.int8), scale


def linear(g: Graph, x: str, weight: Array, bias: Array, span: tuple[float, float] | None) -> str:
    """Add x·W + b: int8 with a fixed activation range, or float when ``span`` is None.

    Args:
        g: The graph.
        x: Input (n, L, rows).
        weight: Shape (rows, columns).
        bias: Shape (columns,).
        span: Smallest and largest activation expected.
    """
    if span is None:
        return g.node("Add", [g.node("MatMul", [x, g.const(weight)]), g.const(bias)])
    low, high = min(span[0], 0.0), max(span[1], 0.0)
    step = (high - low) / ACTIVATION_TOP
    scale = g.real(step)
    zero = g.const(np.array(round(-low / step), np.uint8))
    small, scales = quantise_columns(weight)
    q = g.node("QuantizeLinear", [x, scale, zero])
    return g.node(
        "MatMulIntegerToFloat", [q, g.const(small), scale, g.const(scales), zero, "", g.const(bias)], domain=MS
    )


def embed(g: Graph, state: dict[str, Array]) -> str:
    """Add the embeddings: int8 words with a scale per row, plus positions, then the norm."""
    words = state["embeddings.word_embeddings.weight"]
    small, scale = quantise_columns(words.T, 127)
    rows = g.cast(g.node("Gather", [g.const(np.ascontiguousarray(small.T), "words"), "input_ids"]), TensorProto.FLOAT)
    rows = g.node("Mul", [rows, g.node("Gather", [g.const(scale[:, None], "words_scale"), "input_ids"])])
    places = state["embeddings.position_embeddings.weight"] + state["embeddings.token_type_embeddings.weight"][0]
    length = g.node("Gather", [g.node("Shape", ["input_ids"]), g.ints(1)])
    here = g.node("Slice", [g.const(places.astype(np.float32), "places"), g.ints(0), length, g.ints(0)])
    return norm(g, g.node("Add", [rows, here]), None, state, "embeddings.LayerNorm")


def norm(g: Graph, x: str, skip: str | None, state: dict[str, Array], name: str) -> str:
    """Add LayerNorm(x + skip)."""
    scale, shift = g.const(state[f"{name}.weight"]), g.const(state[f"{name}.bias"])
    if skip is None:
        return g.node("LayerNormalization", [x, scale, shift], axis=-1, epsilon=1e-12)
    return g.node("SkipLayerNormalization", [x, skip, scale, shift], domain=MS, epsilon=1e-12)


def encode(
    g: Graph, state: dict[str, Array], layers: int, heads: int, spans: dict[str, tuple[float, float]] | None
) -> str:
    """Add the encoder; returns the hidden states (n, L, width)."""
    mask = g.cast("attention_mask", TensorProto.INT32)
    x = embed(g, state)

    def dense(value: str, *names: str) -> str:
        weight = np.concatenate([state[f"{n}.weight"].T for n in names], 1)
        bias = np.concatenate([state[f"{n}.bias"] for n in names])
        return linear(g, value, weight, bias, None if spans is None else spans[names[0]])

    for i in range(layers):
        at = f"encoder.layer.{i}"
        joint = dense(x, *(f"{at}.attention.self.{n}" for n in ("query", "key", "value")))
        width = state[f"{at}.attention.self.query.weight"].shape[0]
        parts = [f"{at}.{n}" for n in "qkv"]
        g.nodes.append(helper.make_node("Split", [joint, g.ints(width, width, width)], parts, axis=-1))
        y = g.node("MultiHeadAttention", [*parts, "", mask], domain=MS, num_heads=heads)
        x = norm(g, dense(y, f"{at}.attention.output.dense"), x, state, f"{at}.attention.output.LayerNorm")
        y = g.node("Gelu", [dense(x, f"{at}.intermediate.dense")], domain=MS)
        x = norm(g, dense(y, f"{at}.output.dense"), x, state, f"{at}.output.LayerNorm")
    return x


def gram_sums(g: Graph) -> tuple[str, str, str]:
    """Add the runs of one to three tokens; returns bucket sums, check sums and validity, each (n, 3·L)."""
    ids = g.node("Mul", [g.node("Add", ["input_ids", g.ints(1)]), "attention_mask"])
    ends = g.node("Pad", [ids, g.ints(0, 0, 0, wide.ORDERS - 1)])
    length = g.node("Gather", [g.node("Shape", ["input_ids"]), g.ints(1)])
    rows: list[str] = []
    checks: list[str] = []
    valid: list[str] = []
    for place in range(wide.ORDERS):
        stop = g.node("Add", [length, g.ints(place)])
        word = g.node("Slice", [ends, g.ints(place), stop, g.ints(1)])
        row, check = (g.node("Mul", [word, g.ints(by[place])]) for by in (wide.BUCKET_MUL, wide.CHECK_MUL))
        if place:
            row, check = g.node("Add", [rows[-1], row]), g.node("Add", [checks[-1], check])
        rows.append(row)
        checks.append(check)
        valid.append(word)
    inside = g.node("Greater", [g.node("Concat", valid, axis=1), g.ints(0)])
    return g.node("Concat", rows, axis=1), g.node("Concat", checks, axis=1), inside


def wide_part(g: Graph, tables: list[wide.Table]) -> str:
    """Add the wide logits (n, 13): the same sums as `wide.logits`."""
    row, check, inside = gram_sums(g)
    row = g.node("Div", [row, g.ints(8)])
    wanted = g.node("Add", [g.node("Mod", [check, g.ints(wide.CHECKS)]), g.ints(1)])
    parts = []
    for table in tables:
        home = g.node("Mod", [row, g.ints(len(table["rows"]) // wide.SLOTS)])
        stored = g.cast(g.node("Gather", [g.const(table["checks"].reshape(-1, wide.SLOTS)), home]), TensorProto.INT64)
        same = g.cast(g.node("Equal", [stored, g.node("Unsqueeze", [wanted, g.ints(-1)])]), TensorProto.FLOAT)
        found = g.node("ReduceMax", [same], axes=[-1], keepdims=0)
        hit = g.node("Mul", [found, g.cast(inside, TensorProto.FLOAT)])
        slot = g.node("ArgMax", [same], axis=-1, keepdims=0)
        at = g.node("Add", [g.node("Mul", [home, g.ints(wide.SLOTS)]), slot])
        weights = g.cast(g.node("Gather", [g.const(table["rows"]), at]), TensorProto.FLOAT)
        total = g.node("MatMul", [g.node("Unsqueeze", [hit, g.ints(1)]), weights])
        total = g.node("Squeeze", [total, g.ints(1)])
        known = g.node("Add", [g.node("ReduceSum", [hit, g.ints(1)], keepdims=1), g.real(1.0)])
        parts.append(g.node("Add", [g.node("Div", [total, g.node("Sqrt", [known])]), g.const(table["bias"])]))
    return g.node("Concat", parts, axis=1)


def mixer(params: dict[str, list[float]]) -> tuple[Array, Array, Array]:
    """Turn the calibrated mixture into matrices: logits = wide·A + deep·B + c.

    Returns:
        A and B (13, 13), c (13,).
    """
    a, b, c = np.zeros((13, 13)), np.zeros((13, 13)), np.zeros(13)
    p = params["sentiment"]
    polarity, neutral = np.array([-1.0, 0.0, 1.0]), np.array([-0.5, 1.0, -0.5])
    for matrix, up, mid in ((a, p[0], p[3]), (b, p[1], p[4])):
        matrix[:3, :3] = up * np.outer(polarity, polarity / 2) + mid * np.outer(neutral, [0, 1, 0])
    c[:3] = [-p[2] / 2, p[5], p[2] / 2]
    start = 3
    for name, width in (("emotion", 8), ("offensive", 2)):
        q = params[name]
        span = slice(start, start + width)
        a[span, span], b[span, span], c[span] = np.eye(width) * q[0], np.eye(width) * q[1], q[2:]
        start += width
    return a.astype(np.float32), b.astype(np.float32), c.astype(np.float32)


def build(
    state: dict[str, Array],
    tables: list[wide.Table],
    params: dict[str, list[float]],
    *,
    layers: int,
    heads: int,
    spans: dict[str, tuple[float, float]] | None,
) -> onnx.ModelProto:
    """Build the whole model.

    Args:
        state: Encoder, pooler and classifier parameters by name, without the ``bert.`` prefix.
        tables: The wide part, see `wide.make_table`.
        params: The mixture, see `calibrate.fit`.
        layers: Encoder layers.
        heads: Attention heads.
        spans: Activation range before each matrix; None keeps the matrices in float.

    Returns:
        A checked model with outputs sentiment, emotion, offensive and vector.
    """
    g = Graph()
    hidden = encode(g, state, layers, heads, spans)
    first = g.node("Gather", [hidden, g.const(np.array(0, np.int64))], axis=1)
    pooled = linear(g, first, state["pooler.dense.weight"].T.copy(), state["pooler.dense.bias"], None)
    vector = g.node("Tanh", [pooled], name="vector")
    deep = linear(g, vector, state["classifier.weight"].T.copy(), state["classifier.bias"], None)
    a, b, c = mixer(params)
    both = g.node("Add", [g.node("MatMul", [wide_part(g, tables), g.const(a)]), linear(g, deep, b, c, None)])
    outputs, start = [], 0
    for name, width in (("sentiment", 3), ("emotion", 8), ("offensive", 2)):
        part = g.node("Slice", [both, g.ints(start), g.ints(start + width), g.ints(1)])
        g.node("Softmax", [part], name=name, axis=-1)
        outputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", width]))
        start += width
    outputs.append(helper.make_tensor_value_info("vector", TensorProto.FLOAT, ["n", len(state["pooler.dense.bias"])]))
    inputs = [
        helper.make_tensor_value_info(name, TensorProto.INT64, ["n", "length"])
        for name in ("input_ids", "attention_mask")
    ]
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid(MS, 1)]
    model = helper.make_model(
        helper.make_graph(g.nodes, "tingfeng", inputs, outputs, g.constants), opset_imports=opsets
    )
    model.ir_version = 9
    onnx.checker.check_model(model)
    return model

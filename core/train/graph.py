"""Write the shipped ONNX graph: the encoder of `core.score.graph`, the wide part, and the mixture of both."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto

from core.score.graph import Graph, encode, linear
from core.score.quantise import Span
from core.train import wide
from core.train.tasks import SPANS

Array = NDArray[Any]


def gram_sums(g: Graph) -> tuple[str, str, str]:
    """Add the runs of one to three tokens; returns bucket sums, check sums and validity, each (n, 3·L)."""
    ids = g.node("Add", ["input_ids", g.ints(1)])
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


def wide_logits(g: Graph, table: wide.Table) -> str:
    """Add the logits of one wide table (n, classes): the same sums as `wide.logits`."""
    row, check, inside = gram_sums(g)
    row = g.node("Div", [row, g.ints(8)])
    wanted = g.node("Add", [g.node("Mod", [check, g.ints(wide.CHECKS)]), g.ints(1)])
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
    return g.node("Add", [g.node("Div", [total, g.node("Sqrt", [known])]), g.const(table["bias"])])


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
    ranges = None if spans is None else {name: Span(*span) for name, span in spans.items()}
    hidden = encode(g, state, layers=layers, heads=heads, spans=ranges)
    first = g.node("Gather", [hidden, g.const(np.array(0, np.int64))], axis=1)
    pooled = linear(g, first, state["pooler.dense.weight"].T.copy(), state["pooler.dense.bias"], None)
    vector = g.node("Tanh", [pooled], name="vector")
    deep = linear(g, vector, state["classifier.weight"].T.copy(), state["classifier.bias"], None)
    parts = deep, mixer(params)
    answer(g, tables[0], parts, ("sentiment",))
    widths = {name: span.stop - span.start for name, span in SPANS.items()}
    others = ("emotion", "offensive")
    g.when("others", lambda: answer(g, tables[1], parts, others), {name: widths[name] for name in others})
    return g.model(widths | {"vector": len(state["pooler.dense.bias"])})


def answer(g: Graph, table: wide.Table, parts: tuple[str, tuple[Array, Array, Array]], names: tuple[str, ...]) -> None:
    """Add the probabilities of heads that stand side by side, each an output of its name.

    Args:
        g: The graph.
        table: The wide part of these heads.
        parts: The deep logits (n, 13) and the mixture of all heads, see `mixer`; nothing mixes across heads.
        names: The heads.
    """
    deep, (a, b, c) = parts
    span = slice(SPANS[names[0]].start, SPANS[names[-1]].stop)
    broad = g.node("MatMul", [wide_logits(g, table), g.const(np.ascontiguousarray(a[span, span]))])
    both = g.node("Add", [broad, linear(g, deep, np.ascontiguousarray(b[:, span]), c[span], None)])
    for name in names:
        start, stop = SPANS[name].start - span.start, SPANS[name].stop - span.start
        part = g.node("Slice", [both, g.ints(start), g.ints(stop), g.ints(1)])
        g.node("Softmax", [part], name=name, axis=-1)

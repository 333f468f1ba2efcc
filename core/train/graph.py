"""Write the shipped ONNX graph: the encoder of `core.score.graph`, the wide part, and the mixture of both."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto

from core.score.graph import Graph, encode, linear
from core.score.quantise import ActivationRange
from core.train import wide
from core.train.net import SPANS

Array = NDArray[Any]


def gram_sums(g: Graph) -> tuple[str, str, str, str]:
    """Add the token 1–3-grams of all texts.

    Returns:
        Bucket sums, check sums, whether the gram ends in the text it began in, and the text, each (3·tokens,):
        unigrams first, then bigrams, then trigrams.
    """
    words = g.node("Pad", [g.node("Add", ["input_ids", g.ints(1)]), g.ints(0, wide.ORDERS - 1)])
    owner = g.input("owner", "tokens")
    owners = g.node("Pad", [owner, g.ints(0, wide.ORDERS - 1), g.const(np.array(-1))])
    length = g.node("Shape", ["input_ids"])
    rows: list[str] = []
    checks: list[str] = []
    inside: list[str] = []
    for place in range(wide.ORDERS):
        stop = g.node("Add", [length, g.ints(place)])
        word, text = (g.node("Slice", [whole, g.ints(place), stop, g.ints(0)]) for whole in (words, owners))
        row, check = (g.node("Mul", [word, g.ints(by[place])]) for by in (wide.BUCKET_MUL, wide.CHECK_MUL))
        if place:
            row, check = g.node("Add", [rows[-1], row]), g.node("Add", [checks[-1], check])
        rows.append(row)
        checks.append(check)
        inside.append(g.node("Equal", [text, owner]))
    parts = rows, checks, inside, [owner] * wide.ORDERS
    row, check, same, text = (g.node("Concat", part, axis=0) for part in parts)
    return row, check, same, text


def wide_logits(g: Graph, table: wide.Table, texts: str) -> str:
    """Add the logits of one wide table (n, classes): the same sums as `wide.logits`.

    Args:
        g: The graph.
        table: See `wide.make_table`.
        texts: The number of texts, shape (1,).
    """
    row, check, inside, text = gram_sums(g)
    row = g.node("Div", [row, g.ints(8)])
    wanted = g.node("Add", [g.node("Mod", [check, g.ints(wide.CHECKS)]), g.ints(1)])
    home = g.node("Mod", [row, g.ints(len(table["rows"]) // wide.SLOTS)])
    stored = g.cast(g.node("Gather", [g.const(table["checks"].reshape(-1, wide.SLOTS)), home]), TensorProto.INT64)
    same = g.cast(g.node("Equal", [stored, g.node("Unsqueeze", [wanted, g.ints(-1)])]), TensorProto.FLOAT)
    found = g.node("ReduceMax", [same], axes=[-1], keepdims=1)
    hit = g.node("Mul", [found, g.node("Unsqueeze", [g.cast(inside, TensorProto.FLOAT), g.ints(-1)])])
    slot = g.node("ArgMax", [same], axis=-1, keepdims=0)
    at = g.node("Add", [g.node("Mul", [home, g.ints(wide.SLOTS)]), slot])
    weights = g.cast(g.node("Gather", [g.const(table["rows"]), at]), TensorProto.FLOAT)
    # summed text by text in token order: neighbouring texts cannot change even the last digit
    classes = table["rows"].shape[1]
    nothing = g.node("ConstantOfShape", [g.node("Concat", [texts, g.ints(classes + 1)], axis=0)])
    counted = g.node("Concat", [g.node("Mul", [weights, hit]), hit], axis=1)
    owner = g.node("Unsqueeze", [text, g.ints(-1)])
    sums = g.node("ScatterND", [nothing, owner, counted], reduction="add")
    total, known = (
        g.node("Slice", [sums, g.ints(start), g.ints(stop), g.ints(1)])
        for start, stop in ((0, classes), (classes, classes + 1))
    )
    size = g.node("Sqrt", [g.node("Add", [known, g.real(1.0)])])
    return g.node("Add", [g.node("Div", [total, size]), g.const(table["bias"])])


def mixer(params: dict[str, list[float]]) -> tuple[Array, Array, Array]:
    """Convert the calibrated mixture to matrices: logits = wide·A + deep·B + c, deep after `stretched`.

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


def stretched(g: Graph, logits: str, k: float) -> str:
    """Apply `calibrate.stretch` to the polarity of the deep logits (n, 13); neutrality is unchanged."""
    if not k:
        return logits
    polarity, back = np.zeros((1, 13), np.float32), np.zeros((1, 13), np.float32)
    polarity[0, [0, 2]], back[0, [0, 2]] = (-1.0, 1.0), (-0.5, 0.5)
    x = g.node("ReduceSum", [g.node("Mul", [logits, g.const(polarity)]), g.ints(1)], keepdims=1)
    far = g.node("Div", [g.node("Sinh", [g.node("Mul", [x, g.real(k)])]), g.real(k)])
    return g.node("Add", [logits, g.node("Mul", [g.node("Sub", [far, x]), g.const(back)])])


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
    ranges = None if spans is None else {name: ActivationRange(*span) for name, span in spans.items()}
    hidden = encode(g, state, layers=layers, heads=heads, spans=ranges)
    pooled = linear(g, hidden, state["pooler.dense.weight"].T.copy(), state["pooler.dense.bias"], None)
    vector = g.node("Tanh", [pooled], name="vector")
    deep = linear(g, vector, state["classifier.weight"].T.copy(), state["classifier.bias"], None)
    deep = stretched(g, deep, params["sentiment"][6])
    parts = deep, mixer(params)
    answer(g, tables[0], parts, ("sentiment",))
    widths = {name: span.stop - span.start for name, span in SPANS.items()}
    others = ("emotion", "offensive")
    g.when("others", lambda: answer(g, tables[1], parts, others), {name: widths[name] for name in others})
    return g.model(widths | {"vector": len(state["pooler.dense.bias"])})


def answer(g: Graph, table: wide.Table, parts: tuple[str, tuple[Array, Array, Array]], names: tuple[str, ...]) -> None:
    """Add the probabilities of adjacent heads, each an output under its own name.

    Args:
        g: The graph.
        table: The wide part of these heads.
        parts: The deep logits (n, 13) and the mixture of all heads, see `mixer`; heads do not mix.
        names: The heads.
    """
    deep, (a, b, c) = parts
    span = slice(SPANS[names[0]].start, SPANS[names[-1]].stop)
    texts = g.node("Slice", [g.node("Shape", [deep]), g.ints(0), g.ints(1)])
    broad = g.node("MatMul", [wide_logits(g, table, texts), g.const(np.ascontiguousarray(a[span, span]))])
    both = g.node("Add", [broad, linear(g, deep, np.ascontiguousarray(b[:, span]), c[span], None)])
    for name in names:
        start, stop = SPANS[name].start - span.start, SPANS[name].stop - span.start
        part = g.node("Slice", [both, g.ints(start), g.ints(stop), g.ints(1)])
        g.node("Softmax", [part], name=name, axis=-1)

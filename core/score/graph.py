"""The encoder of a BERT as an ONNX graph written by hand: int8 or float matrices, fused operators, no tracing.

Activations are quantised with fixed ranges that were measured before. Dynamic ranges would be taken over the whole
batch, so a comment's label would depend on its neighbours.

Inputs of a graph are those of `core.score.batch.Bunch`: the ids of several batches one after the other, how many texts
a batch has and how long they are. A loop inside the graph goes over the batches: where several threads share one
interpreter, a call for every batch costs more than a short text does (docs/engines.md). A portable graph has no loop
and takes the ids of one batch, shape (n, length).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import count
from typing import Any, Final

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from core.score.quantise import WEIGHT_TOP, Span, quantise_columns

__all__ = ["MS", "Graph", "classifier", "encode", "linear", "norm", "unrolled"]

Array = NDArray[Any]
#: onnxruntime's own operators; another engine does not know them.
MS: Final = "com.microsoft"


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
        self._inputs: dict[str, onnx.ValueInfoProto] = {}
        self._numbers = count()
        self._known: dict[bytes, str] = {}
        self._made: dict[str, str] = {}

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
        """Add a node with one used output; the same node twice is one."""
        key = repr((op, inputs, name, domain, sorted(attributes.items())))
        if key not in self._made:
            self._made[key] = name or f"{op}_{next(self._numbers)}"
            self.nodes.append(helper.make_node(op, inputs, [self._made[key]], domain=domain, **attributes))
        return self._made[key]

    def input(self, name: str, *shape: str, kind: int = TensorProto.INT64) -> str:
        """Add an input of the model, once; returns its name."""
        self._inputs[name] = helper.make_tensor_value_info(name, kind, shape)
        return name

    def each(self, make: Callable[[str], str], width: int) -> str:
        """Add what is computed of every batch; returns the rows of all texts, shape (n, width), in order.

        Args:
            make: Takes the name of the ids of one batch, shape (n, length); adds nodes and returns the name of their
                result, shape (n, width).
            width: Columns of the result.
        """
        if self.portable:
            return make(self.input("input_ids", "n", "length"))
        ids = self.input("input_ids", "tokens")
        sizes = [self.input(name, "batches") for name in ("rows", "lengths")]
        around, known = self.nodes, dict(self._made)
        self.nodes = []
        turn = self.node("Unsqueeze", ["turn", self.ints(0)])
        rows, length = (self.node("Gather", [name, turn]) for name in sizes)
        stop = self.node("Add", ["start", self.node("Mul", [rows, length])])
        part = self.node("Slice", [ids, "start", stop, self.ints(0)])
        made = make(self.node("Reshape", [part, self.node("Concat", [rows, length], axis=0)]))
        more = self.node("Identity", ["more"])
        so_far = self.node("Concat", ["before", made], axis=0)
        inside, self.nodes, self._made = self.nodes, around, known
        info, whole, real, truth = helper.make_tensor_value_info, TensorProto.INT64, TensorProto.FLOAT, TensorProto.BOOL
        given = [info("turn", whole, []), info("more", truth, []), info("start", whole, [1])]
        given.append(info("before", real, [None, width]))
        told = [info(more, truth, []), info(stop, whole, [1]), info(so_far, real, [None, width])]
        turns = self.node("Squeeze", [self.node("Shape", [sizes[0]]), self.ints(0)])
        begin = [self.const(np.array(True)), self.ints(0), self.const(np.zeros((0, width), np.float32))]
        result = f"Loop_{next(self._numbers)}"
        body = helper.make_graph(inside, "batch", given, told)
        self.nodes.append(helper.make_node("Loop", [turns, *begin], [f"{result}_end", result], body=body))
        return result

    def when(self, switch: str, make: Callable[[], None], outputs: dict[str, int]) -> None:
        """Add what is computed only when a further input of the model, a bool, asks for it.

        Args:
            switch: Name of that input.
            make: Adds the nodes that give the outputs.
            outputs: Name of each output and its columns; where nobody asks, it has no rows.
        """
        around, known = self.nodes, dict(self._made)
        self.nodes = []
        make()
        inside, self.nodes, self._made = self.nodes, around, known
        names = list(outputs)
        for node in inside:
            node.output[0] = f"{node.output[0]}_asked" if node.output[0] in outputs else node.output[0]
        empty = [
            helper.make_node("Constant", [], [f"{name}_unasked"], value=_no_rows(width))
            for name, width in outputs.items()
        ]
        branches = {
            branch: helper.make_graph(
                nodes, branch, [], [helper.make_empty_tensor_value_info(f"{name}_{kind}") for name in names]
            )
            for branch, kind, nodes in (("then_branch", "asked", inside), ("else_branch", "unasked", empty))
        }
        self.nodes.append(helper.make_node("If", [switch], names, **branches))
        self.input(switch, kind=TensorProto.BOOL)

    def cast(self, x: str, to: int) -> str:
        """Convert a tensor's type."""
        return self.node("Cast", [x], to=to)

    def model(self, outputs: dict[str, int]) -> onnx.ModelProto:
        """Return the checked model.

        Args:
            outputs: Name of each output and its columns.
        """
        ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", width]) for name, width in outputs.items()]
        opsets = [helper.make_opsetid("", 17), helper.make_opsetid(MS, 1)][: 1 if self.portable else 2]
        model = helper.make_model(
            helper.make_graph(self.nodes, "tingfeng", list(self._inputs.values()), ends, self.constants),
            opset_imports=opsets,
        )
        model.ir_version = 9
        onnx.checker.check_model(model)
        return model


def unrolled(graph: onnx.GraphProto) -> Iterator[onnx.NodeProto]:
    """Yield the nodes in order, with those of the loop over the batches in its place; branches are left out."""
    for node in graph.node:
        if node.op_type == "Loop":
            yield from next(item.g for item in node.attribute if item.name == "body").node
        else:
            yield node


def _no_rows(width: int) -> onnx.TensorProto:
    return numpy_helper.from_array(np.zeros((0, width), np.float32))


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
    scale = g.real(span.step)
    zero = g.const(np.array(span.zero, np.uint8))
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
    """Add the encoder; returns the hidden state of the first token of every text (n, width).

    Nothing behind the encoder reads another token. So the last layer computes keys and values of all tokens and the
    rest of the first one only, which spares three quarters of that layer.

    Args:
        g: The graph.
        state: Parameters by name, without the ``bert.`` prefix.
        layers: Encoder layers.
        heads: Attention heads.
        spans: What to expect before each matrix, by its name (of query for query, key and value); None = float.
        exact_words: Keep the table of words in float.
    """
    width = state["embeddings.LayerNorm.weight"].shape[0]

    def dense(value: str, name: str, range_of: str = "") -> str:
        span = None if spans is None else spans[range_of or name]
        return linear(g, value, np.ascontiguousarray(state[f"{name}.weight"].T), state[f"{name}.bias"], span)

    def first_states(ids: str) -> str:
        x = _embed(g, ids, state, exact_words)
        for i in range(layers):
            at = f"encoder.layer.{i}"
            own = f"{at}.attention.self"
            read = x if i < layers - 1 else g.node("Slice", [x, g.ints(0), g.ints(1), g.ints(1)])
            whole = [dense(x, f"{own}.{part}", f"{own}.query") for part in ("key", "value")]
            y = _attend(g, [dense(read, f"{own}.query"), *whole], heads, width // heads)
            x = norm(g, dense(y, f"{at}.attention.output.dense"), read, state, f"{at}.attention.output.LayerNorm")
            y = _gelu(g, dense(x, f"{at}.intermediate.dense"))
            x = norm(g, dense(y, f"{at}.output.dense"), x, state, f"{at}.output.LayerNorm")
        return g.node("Squeeze", [x, g.ints(1)])

    return g.each(first_states, width)


def classifier(g: Graph, hidden: str, state: Mapping[str, Array], output: str) -> None:
    """Add pooler, classifier and softmax; the output is named ``output``."""
    pooled = linear(g, hidden, state["pooler.dense.weight"].T.copy(), state["pooler.dense.bias"], None)
    logits = linear(g, g.node("Tanh", [pooled]), state["classifier.weight"].T.copy(), state["classifier.bias"], None)
    g.node("Softmax", [logits], name=output, axis=-1)


def _embed(g: Graph, ids: str, state: Mapping[str, Array], exact: bool) -> str:
    """Add the embeddings: words (int8 with a scale per row, or float) plus positions, then the norm."""
    words = state["embeddings.word_embeddings.weight"]
    if exact:
        rows = g.node("Gather", [g.const(words, "words"), ids])
    else:
        small, scale = quantise_columns(words.T, 127)
        whole = g.node("Gather", [g.const(np.ascontiguousarray(small.T), "words"), ids])
        by = g.node("Gather", [g.const(scale[:, None], "words_scale"), ids])
        rows = g.node("Mul", [g.cast(whole, TensorProto.FLOAT), by])
    places = state["embeddings.position_embeddings.weight"] + state["embeddings.token_type_embeddings.weight"][0]
    length = g.node("Gather", [g.node("Shape", [ids]), g.ints(1)])
    here = g.node("Slice", [g.const(places.astype(np.float32), "places"), g.ints(0), length, g.ints(0)])
    return norm(g, g.node("Add", [rows, here]), None, state, "embeddings.LayerNorm")


def _attend(g: Graph, read: list[str], heads: int, size: int) -> str:
    """Add attention over query (n, 1 or L, width), key and value, both (n, L, width); returns (n, 1 or L, width).

    There is no mask: the texts of a batch have one length, and onnxruntime's kernel is faster without one (measured).

    Args:
        g: The graph.
        read: Query, key and value.
        heads: Attention heads.
        size: Of one head.
    """
    if not g.portable:
        return g.node("MultiHeadAttention", read, domain=MS, num_heads=heads)
    shaped = [g.node("Reshape", [part, g.ints(0, 0, heads, size)]) for part in read]
    turns = ([0, 2, 1, 3], [0, 2, 3, 1], [0, 2, 1, 3])
    q, k, v = (g.node("Transpose", [part], perm=turn) for part, turn in zip(shaped, turns, strict=True))
    fit = g.node("Mul", [g.node("MatMul", [q, k]), g.real(size**-0.5)])
    y = g.node("MatMul", [g.node("Softmax", [fit], axis=-1), v])
    return g.node("Reshape", [g.node("Transpose", [y], perm=[0, 2, 1, 3]), g.ints(0, 0, heads * size)])


def _gelu(g: Graph, x: str) -> str:
    """Add the exact GELU."""
    if not g.portable:
        return g.node("Gelu", [x], domain=MS)
    tail = g.node("Add", [g.node("Erf", [g.node("Mul", [x, g.real(2**-0.5)])]), g.real(1.0)])
    return g.node("Mul", [g.node("Mul", [x, tail]), g.real(0.5)])

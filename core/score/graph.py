"""A BERT encoder as a hand-written ONNX graph: int8 or float matrices, fused operators, no tracing.

Activations are quantised with fixed ranges measured in advance. Dynamic ranges would be computed over the whole
batch, so a comment's label would depend on the other comments in it.

`core.score.passes` defines how batches share a pass, and the inputs of a graph.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import count
from typing import Any, TypeVar

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from core.score.passes import MS, Batch, each
from core.score.quantise import WEIGHT_TOP, ActivationRange, quantise_columns

__all__ = ["MS", "Graph", "classifier", "encode", "linear", "norm", "unrolled"]

Array = NDArray[Any]
T = TypeVar("T")


class Graph:
    """Collects nodes and constants; ``node`` returns the name of its output.

    Args:
        portable: Use operators of the ONNX standard only, for engines other than onnxruntime.
        top: Largest integer of a quantised weight: 64, or 127 if the CPU has VNNI.
        epsilon: Epsilon of the layer norms.
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
        """Add a constant, once; return its name."""
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
        """Add a node with one used output; identical nodes are added once."""
        key = repr((op, inputs, name, domain, sorted(attributes.items())))
        if key not in self._made:
            self._made[key] = name or f"{op}_{next(self._numbers)}"
            self.nodes.append(helper.make_node(op, inputs, [self._made[key]], domain=domain, **attributes))
        return self._made[key]

    def parts(self, x: str, sizes: str, count: int, axis: int) -> list[str]:
        """Split a tensor into ``count`` parts; ``sizes`` (count,) gives their extents along the axis, possibly 0."""
        names = [f"Split_{next(self._numbers)}" for _ in range(count)]
        self.nodes.append(helper.make_node("Split", [x, sizes], names, axis=axis))
        return names

    def input(self, name: str, *shape: str | int, kind: int = TensorProto.INT64) -> str:
        """Add an input of the model, once; return its name."""
        self._inputs[name] = helper.make_tensor_value_info(name, kind, shape)
        return name

    def apart(self, make: Callable[[], T]) -> tuple[list[onnx.NodeProto], T]:
        """Return the nodes that ``make`` adds, kept out of this graph, and what it returns."""
        around, known = self.nodes, dict(self._made)
        self.nodes = []
        made = make()
        inside, self.nodes, self._made = self.nodes, around, known
        return inside, made

    def loop(self, turns: str, start: list[str], widths: list[int | None], body: Callable[..., list[str]]) -> list[str]:
        """Add a loop; return its final state.

        Args:
            turns: Number of iterations, a scalar.
            start: The initial state.
            widths: Columns of each float state tensor of shape (any, columns); None = one integer of shape (1,).
            body: Takes the iteration number (a scalar) and the state; adds its nodes, returns the new state.
        """
        tag = next(self._numbers)

        def infos(names: list[str]) -> list[onnx.ValueInfoProto]:
            return [
                helper.make_tensor_value_info(name, TensorProto.INT64, [1])
                if width is None
                else helper.make_tensor_value_info(name, TensorProto.FLOAT, [None, width])
                for name, width in zip(names, widths, strict=True)
            ]

        turn, more, *state = (f"loop_{tag}_{name}" for name in ("turn", "more", *map(str, range(len(start)))))
        inside, (again, told) = self.apart(lambda: (self.node("Identity", [more]), body(turn, *state)))
        whole = helper.make_tensor_value_info(turn, TensorProto.INT64, [])
        go, on = (helper.make_tensor_value_info(name, TensorProto.BOOL, []) for name in (more, again))
        graph = helper.make_graph(inside, "turn", [whole, go, *infos(state)], [on, *infos(told)])
        ends = [f"Loop_{tag}_{i}" for i in range(len(start))]
        self.nodes.append(helper.make_node("Loop", [turns, self.const(np.array(True)), *start], ends, body=graph))
        return ends

    def either(self, switch: str, then: Callable[[], str], other: Callable[[], str]) -> str:
        """Add one of two computations, selected at run time.

        Args:
            switch: A bool.
            then: Adds the nodes for true and returns the name of their result.
            other: Likewise for false.
        """
        result = f"If_{next(self._numbers)}"
        branches = {}
        for branch, make in (("then_branch", then), ("else_branch", other)):
            nodes, made = self.apart(make)
            branches[branch] = helper.make_graph(nodes, branch, [], [helper.make_empty_tensor_value_info(made)])
        self.nodes.append(helper.make_node("If", [switch], [result], **branches))
        return result

    def when(self, switch: str, make: Callable[[], None], outputs: dict[str, int]) -> None:
        """Add a computation that runs only if an additional boolean input of the model requests it.

        Args:
            switch: Name of that input.
            make: Adds the nodes that produce the outputs.
            outputs: Name and columns of each output; it has no rows if not requested.
        """
        inside, _ = self.apart(make)
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
            outputs: Name and columns of each output.
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
    """Yield the nodes in the order a single batch executes them, without those of optional heads."""
    for node in graph.node:
        for inner in _within(node, "body") if node.op_type == "Loop" else [node]:
            yield from _within(inner, "then_branch") if inner is not node and inner.op_type == "If" else [inner]


def _within(node: onnx.NodeProto, name: str) -> list[onnx.NodeProto]:
    """Return the nodes of a subgraph stored as a node attribute."""
    return list(next(item.g for item in node.attribute if item.name == name).node)


def _no_rows(width: int) -> onnx.TensorProto:
    return numpy_helper.from_array(np.zeros((0, width), np.float32))


def linear(g: Graph, x: str, weight: Array, bias: Array, span: ActivationRange | None) -> str:
    """Add x·W + b: int8 with a fixed activation range, or float when ``span`` is None.

    Args:
        g: The graph.
        x: Input (n, L, rows).
        weight: Shape (rows, columns).
        bias: Shape (columns,).
        span: Expected range of the input.
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

    onnxruntime's fused SkipLayerNormalization takes five times as long (measured on this CPU).
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
    spans: Mapping[str, ActivationRange] | None,
    exact_words: bool = False,
) -> str:
    """Add the encoder; return the hidden state of the first token of every text (n, width).

    Nothing after the encoder reads another token. So the last layer computes keys and values of all tokens, but
    everything else for the first one only, which saves three quarters of that layer.

    Args:
        g: The graph.
        state: Parameters by name, without the ``bert.`` prefix.
        layers: Number of encoder layers.
        heads: Number of attention heads.
        spans: Input range of each matrix, by its name (that of query for query, key and value); None = float.
        exact_words: Keep the word embeddings in float.
    """
    width = state["embeddings.LayerNorm.weight"].shape[0]

    def dense(value: str, name: str, range_of: str = "") -> str:
        span = None if spans is None else spans[range_of or name]
        return linear(g, value, np.ascontiguousarray(state[f"{name}.weight"].T), state[f"{name}.bias"], span)

    def first_states(texts: Batch) -> str:
        x = _embed(g, texts, state, exact_words)
        for i in range(layers):
            at = f"encoder.layer.{i}"
            own = f"{at}.attention.self"
            last = i == layers - 1
            read = texts.firsts(x, width) if last else x
            whole = [dense(x, f"{own}.{part}", f"{own}.query") for part in ("key", "value")]
            y = texts.attended([dense(read, f"{own}.query"), *whole], heads, width, firsts=last)
            x = norm(g, dense(y, f"{at}.attention.output.dense"), read, state, f"{at}.attention.output.LayerNorm")
            y = _gelu(g, dense(x, f"{at}.intermediate.dense"))
            x = norm(g, dense(y, f"{at}.output.dense"), x, state, f"{at}.output.LayerNorm")
        return g.node("Reshape", [x, g.ints(-1, width)])

    return each(g, first_states, width)


def classifier(g: Graph, hidden: str, state: Mapping[str, Array], output: str) -> None:
    """Add pooler, classifier and softmax; the output is named ``output``."""
    pooled = linear(g, hidden, state["pooler.dense.weight"].T.copy(), state["pooler.dense.bias"], None)
    logits = linear(g, g.node("Tanh", [pooled]), state["classifier.weight"].T.copy(), state["classifier.bias"], None)
    g.node("Softmax", [logits], name=output, axis=-1)


def _embed(g: Graph, texts: Batch, state: Mapping[str, Array], exact: bool) -> str:
    """Add the embeddings: words (int8 with a scale per row, or float) plus positions, then the layer norm."""
    words = state["embeddings.word_embeddings.weight"]
    if exact:
        rows = g.node("Gather", [g.const(words, "words"), texts.ids])
    else:
        small, scale = quantise_columns(words.T, 127)
        whole = g.node("Gather", [g.const(np.ascontiguousarray(small.T), "words"), texts.ids])
        by = g.node("Gather", [g.const(scale[:, None], "words_scale"), texts.ids])
        rows = g.node("Mul", [g.cast(whole, TensorProto.FLOAT), by])
    places = state["embeddings.position_embeddings.weight"] + state["embeddings.token_type_embeddings.weight"][0]
    here = texts.placed(g.const(places.astype(np.float32), "places"))
    return norm(g, g.node("Add", [rows, here]), None, state, "embeddings.LayerNorm")


def _gelu(g: Graph, x: str) -> str:
    """Add the exact GELU."""
    if not g.portable:
        return g.node("Gelu", [x], domain=MS)
    tail = g.node("Add", [g.node("Erf", [g.node("Mul", [x, g.real(2**-0.5)])]), g.real(1.0)])
    return g.node("Mul", [g.node("Mul", [x, tail]), g.real(0.5)])

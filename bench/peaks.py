"""The CPU's int8 multiplication throughput, and the operations a model needs."""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from core.score.graph import unrolled

FIRST = "MatMulInteger, 2048³"
#: Seconds that each multiplication runs for in a round.
SECONDS = 0.8
#: rows × inner × columns of a layer of the base size, for a batch of 1,024 tokens.
SHAPES = ((1024, 768, 2304), (1024, 768, 768), (1024, 768, 3072), (1024, 3072, 768))


class Peaks:
    """Pure int8 multiplications, to be measured repeatedly alongside what is compared with them.

    Args:
        threads: Threads used.
    """

    def __init__(self, threads: int) -> None:
        import torch

        size = 2048
        work = 2.0 * size**3
        a, b = (torch.randint(-64, 64, (size, size), dtype=torch.int8) for _ in range(2))
        layer = [session(shape, 1) for shape in SHAPES]

        def side_by_side() -> None:
            workers = [threading.Thread(target=lambda: [one() for one in layer]) for _ in range(threads)]
            for worker in workers:
                worker.start()
            for worker in workers:
                worker.join()

        self._calls: dict[str, tuple[float, Callable[[], object]]] = {
            FIRST: (work, session((size, size, size), threads)),
            "torch._int_mm, 2048³": (work, lambda: torch._int_mm(a, b)),
            "MatMulInteger, shapes of a base layer": (
                threads * sum(2.0 * m * k * n for m, k, n in SHAPES),
                side_by_side,
            ),
        }
        self._seconds: dict[str, list[float]] = {name: [] for name in self._calls}
        for _, call in self._calls.values():
            call()

    def round(self) -> None:
        """Run each kind of multiplication for a while."""
        for name, (_, call) in self._calls.items():
            until = time.perf_counter() + SECONDS
            while time.perf_counter() < until:
                started = time.perf_counter()
                call()
                self._seconds[name].append(time.perf_counter() - started)

    def found(self) -> dict[str, tuple[float, float]]:
        """Return GFLOP/s by name: over all calls, and of the fastest one."""
        return {
            name: (work / statistics.fmean(self._seconds[name]) / 1e9, work / min(self._seconds[name]) / 1e9)
            for name, (work, _) in self._calls.items()
        }


def session(shape: tuple[int, int, int], threads: int) -> Callable[[], object]:
    """Return a call that multiplies int8 matrices of one shape in onnxruntime."""
    rows, inner, columns = shape
    dice = np.random.default_rng(0)
    weight = numpy_helper.from_array(dice.integers(-64, 64, (inner, columns)).astype(np.int8), "w")
    graph = helper.make_graph(
        [helper.make_node("MatMulInteger", ["a", "w"], ["y"])],
        "peak",
        [helper.make_tensor_value_info("a", TensorProto.UINT8, ["m", inner])],
        [helper.make_tensor_value_info("y", TensorProto.INT32, ["m", columns])],
        [weight],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    made = onnxruntime.InferenceSession(model.SerializeToString(), options)
    feed = {"a": dice.integers(0, 255, (rows, inner)).astype(np.uint8)}
    return lambda: made.run(None, feed)


def flops(path: Path, lengths: NDArray[np.int32]) -> tuple[float, float]:
    """Return the nominal operations of a compiled file's encoder, and those it executes, excluding padding.

    They differ in the last layer, which computes only keys and values for every token.
    """
    graph = onnx.load(path).graph
    nodes = list(unrolled(graph))
    constants = {item.name: item.dims for item in graph.initializer}
    matrices = [2.0 * np.prod(constants[n.input[1]]) for n in nodes if n.op_type == "MatMulIntegerToFloat"]
    width = next(constants[n.input[1]][0] for n in nodes if n.op_type == "MatMulIntegerToFloat")
    layers = sum(node.op_type == "MultiHeadAttention" for node in nodes)
    query, _, _, *rest = matrices[-len(matrices) // layers :]
    tokens, pairs = lengths.sum(dtype=np.float64), (lengths.astype(np.float64) ** 2).sum()
    whole = tokens * sum(matrices) + pairs * layers * 4 * width
    spared = (tokens - len(lengths)) * (query + sum(rest)) + (pairs - tokens) * 4 * width
    return float(whole), float(whole - spared)

"""What one encoder pass processes: the texts of one batch, or a pack of several small batches.

Only attention relates tokens to each other; all other operations treat tokens independently. So a pack is one row of
the tokens of all its texts, multiplied by each weight matrix at once, and split into batches of equal length for
attention only. Weights are read once per pack: few texts share a length, and for a single short text reading the
weights takes as long as using them (docs/notes/engine_experiments.md). The outputs are bit-identical, since nothing is
padded.

The inputs of a graph that reads packs are those of `core.score.batch.Bunch`. A loop inside the graph iterates over the
packs, because a call per pack costs more than a short text when several threads share one interpreter. A portable graph
has no loop and takes the ids of one batch, shape (n, length).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import numpy as np

from core.score.batch import SLOTS

if TYPE_CHECKING:
    from core.score.graph import Graph

__all__ = ["MS", "Batch", "Pack", "each"]

#: onnxruntime's own operators; other engines do not support them.
MS: Final = "com.microsoft"


class Batch:
    """The texts of one batch in a portable graph: its tensor names, and the operations that depend on the text layout.

    Args:
        g: The graph.
        ids: Token ids, shape (n, length).

    Attributes:
        ids: The same.
    """

    def __init__(self, g: Graph, ids: str) -> None:
        self._g = g
        self.ids = ids

    def placed(self, table: str) -> str:
        """Add the row of a table (positions, width) for each token's position in its text."""
        g = self._g
        length = g.node("Gather", [g.node("Shape", [self.ids]), g.ints(1)])
        return g.node("Slice", [table, g.ints(0), length, g.ints(0)])

    def firsts(self, x: str, width: int) -> str:
        """Select the first token of each text of x, which has the shape of the ids plus a width."""
        g = self._g
        return g.node("Slice", [x, g.ints(0), g.ints(1), g.ints(1)])

    def attended(self, read: list[str], heads: int, width: int, *, firsts: bool) -> str:
        """Add attention.

        Args:
            read: Query, key and value of all tokens; with ``firsts`` the query is the result of ``firsts``.
            heads: Number of attention heads.
            width: Columns of each of the tensors.
            firsts: Attend from the first token of each text only.

        Returns:
            The name of a tensor with the query's shape.
        """
        g, size = self._g, width // heads
        shaped = [g.node("Reshape", [part, g.ints(0, 0, heads, size)]) for part in read]
        turns = ([0, 2, 1, 3], [0, 2, 3, 1], [0, 2, 1, 3])
        q, k, v = (g.node("Transpose", [part], perm=turn) for part, turn in zip(shaped, turns, strict=True))
        fit = g.node("Mul", [g.node("MatMul", [q, k]), g.real(size**-0.5)])
        y = g.node("MatMul", [g.node("Softmax", [fit], axis=-1), v])
        return g.node("Reshape", [g.node("Transpose", [y], perm=[0, 2, 1, 3]), g.ints(0, 0, width)])


class Pack(Batch):
    """Up to ``SLOTS`` batches in a graph for onnxruntime.

    A single batch has the shape (n, length, width), which attention accepts directly: reshaping inside the single-batch
    branch would copy it. Several batches have the shape (1, tokens, width).

    Args:
        g: The graph.
        ids: Token ids, shape (tokens,).
        positions: Position of each token in its text, shape (tokens,).
        rows: Number of texts of each batch, shape (SLOTS,).
        lengths: Number of tokens per text of each batch, shape (SLOTS,); 0 in an empty slot.
    """

    def __init__(self, g: Graph, ids: str, positions: str, rows: str, lengths: str) -> None:
        nothing = g.const(np.array(0, np.int64))
        self._rows, self._lengths = rows, lengths
        self._sizes = g.node("Mul", [rows, lengths])
        self._alone = g.node("Equal", [g.node("Gather", [rows, g.const(np.array(1, np.int64))]), nothing])
        only = g.node("Slice", [rows, g.ints(0), g.ints(1)])
        self._outer = g.node("Where", [self._alone, only, g.ints(1)])
        shape = g.node("Concat", [self._outer, g.ints(-1)], axis=0)
        super().__init__(g, g.node("Reshape", [ids, shape]))
        self._positions = g.node("Reshape", [positions, shape])
        self._starts = g.node("Reshape", [g.node("NonZero", [g.node("Equal", [positions, nothing])]), g.ints(-1)])

    def placed(self, table: str) -> str:
        """See ``Batch.placed``."""
        return self._g.node("Gather", [table, self._positions])

    def firsts(self, x: str, width: int) -> str:
        """See ``Batch.firsts``; shape (n, 1, width) for a single batch, else (1, n, width)."""
        g = self._g
        found = g.node("Gather", [g.node("Reshape", [x, g.ints(-1, width)]), self._starts])
        return g.node("Reshape", [found, g.node("Concat", [self._outer, g.ints(-1, width)], axis=0)])

    def attended(self, read: list[str], heads: int, width: int, *, firsts: bool) -> str:
        """See ``Batch.attended``."""
        g = self._g

        def attention(parts: list[str]) -> str:
            # no mask: the texts of a batch have equal length, and the kernel is faster without one (measured)
            return g.node("MultiHeadAttention", parts, domain=MS, num_heads=heads)

        def one_by_one() -> str:
            columns = g.const(np.full((SLOTS, 1), width, np.int64))
            sizes = [g.node("Unsqueeze", [size, g.ints(1)]) for size in (self._rows, self._lengths)]
            flat = g.node("Reshape", [g.node("Concat", [*sizes, columns], axis=1), g.ints(-1)])
            whole = g.parts(flat, g.ints(*[3] * SLOTS), SLOTS, 0)
            single = [g.ints(-1, 1, width)] * SLOTS
            cuts = [(self._rows, single) if firsts and i == 0 else (self._sizes, whole) for i in range(len(read))]
            slots = [
                [
                    g.node("Reshape", [piece, shape], allowzero=1)
                    for piece, shape in zip(g.parts(part, sizes, SLOTS, 1), shapes, strict=True)
                ]
                for part, (sizes, shapes) in zip(read, cuts, strict=True)
            ]
            answers = [attention(list(parts)) for parts in zip(*slots, strict=True)]
            return g.node("Concat", [g.node("Reshape", [y, g.ints(1, -1, width)]) for y in answers], axis=1)

        return g.either(self._alone, lambda: attention(read), one_by_one)


def each(g: Graph, make: Callable[[Batch], str], width: int) -> str:
    """Add the computation of every pass; return the rows of all texts, shape (n, width), in order.

    Args:
        g: The graph.
        make: Takes the texts of a pass; adds nodes and returns the name of their result, shape (texts, width).
        width: Columns of the result.
    """
    if g.portable:
        return make(Batch(g, g.input("input_ids", "n", "length")))
    ids, positions = (g.input(name, "tokens") for name in ("input_ids", "positions"))
    rows, lengths = (g.input(name, "packs", SLOTS) for name in ("rows", "lengths"))

    def turn(number: str, start: str, before: str) -> list[str]:
        own = [g.node("Gather", [sizes, number]) for sizes in (rows, lengths)]
        tokens = g.node("ReduceSum", [g.node("Mul", own), g.ints(0)], keepdims=1)
        stop = g.node("Add", [start, tokens])
        parts = [g.node("Slice", [whole, start, stop, g.ints(0)]) for whole in (ids, positions)]
        return [stop, g.node("Concat", [before, make(Pack(g, *parts, *own))], axis=0)]

    turns = g.node("Squeeze", [g.node("Slice", [g.node("Shape", [rows]), g.ints(0), g.ints(1)]), g.ints(0)])
    start = [g.ints(0), g.const(np.zeros((0, width), np.float32))]
    return g.loop(turns, start, [None, width], turn)[-1]

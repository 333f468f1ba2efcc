"""The ranges of activations for int8, and how channels that are always large are evened out first."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.score.quantise import Span

__all__ = ["smoothed"]

_Floats = NDArray[np.float32]
#: How much of the spread between channels goes from the activations into the weights (SmoothQuant, arXiv:2211.10438).
_SMOOTHING: Final = 0.5
_LEAST: Final = 1e-5


def smoothed(state: dict[str, _Floats], ranges: dict[str, tuple[_Floats, _Floats]], layers: int) -> dict[str, Span]:
    """Choose the range of the input of every matrix, and how its channels are evened out first.

    A few channels of a BERT are always much larger than the rest; one range for all would leave the rest no digits.
    Each channel is divided by a number that goes into the matrix instead. What attention hands on needs no division:
    it is done in the values' own matrix, here, in ``state``.

    Args:
        state: Parameters by name; the matrices around attention are changed, their product is not.
        ranges: Smallest and largest input of each row of each matrix.
        layers: Of the encoder.
    """
    found: dict[str, Span] = {}
    by: dict[str, _Floats] = {}
    for i in range(layers):
        at = f"encoder.layer.{i}"
        own = f"{at}.attention.self"
        for name, matrices in (
            (f"{own}.query", [f"{own}.{part}" for part in ("query", "key", "value")]),
            (f"{at}.attention.output.dense", [f"{at}.attention.output.dense"]),
            (f"{at}.intermediate.dense", [f"{at}.intermediate.dense"]),
            (f"{at}.output.dense", [f"{at}.output.dense"]),
        ):
            low, high = ranges[name]
            rows = np.max([np.abs(state[f"{one}.weight"]).max(axis=0) for one in matrices], axis=0)
            largest = np.maximum(np.maximum(-low, high), _LEAST)
            even = (largest**_SMOOTHING / np.maximum(rows, _LEAST) ** (1 - _SMOOTHING)).astype(np.float32)
            by[name] = even
            found[name] = Span(float((low / even).min()), float((high / even).max()), even)
        # what attention hands on is divided in the values' own matrix, for nothing
        name = f"{at}.attention.output.dense"
        span = found[name]
        state[f"{own}.value.weight"] = (state[f"{own}.value.weight"] / by[name][:, None]).astype(np.float32)
        state[f"{own}.value.bias"] = (state[f"{own}.value.bias"] / by[name]).astype(np.float32)
        state[f"{name}.weight"] = (state[f"{name}.weight"] * by[name]).astype(np.float32)
        found[name] = Span(span.low, span.high)
    return found

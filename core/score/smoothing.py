"""Choose int8 activation ranges, after scaling down channels that are always large (SmoothQuant)."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.score.quantise import ActivationRange

__all__ = ["smoothed"]

_Floats = NDArray[np.float32]
#: Share of the channel spread moved from the activations into the weights (SmoothQuant, arXiv:2211.10438).
_SMOOTHING: Final = 0.5
_LEAST: Final = 1e-5


def smoothed(
    state: dict[str, _Floats], ranges: dict[str, tuple[_Floats, _Floats]], layers: int
) -> dict[str, ActivationRange]:
    """Choose the input range of every matrix, and how its channels are scaled first.

    A few channels of a BERT are always much larger than the rest; one range for all would leave the rest no precision.
    Each channel is divided by a factor that is multiplied into the matrix instead. The output of attention needs no
    division at run time: it is folded into the value matrix, here, in ``state``.

    Args:
        state: Parameters by name; the matrices around attention are modified, their product is not.
        ranges: Smallest and largest input of each row of each matrix.
        layers: Number of encoder layers.
    """
    found: dict[str, ActivationRange] = {}
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
            found[name] = ActivationRange(float((low / even).min()), float((high / even).max()), even)
        # the division of attention's output is folded into the value matrix, at no cost
        name = f"{at}.attention.output.dense"
        span = found[name]
        state[f"{own}.value.weight"] = (state[f"{own}.value.weight"] / by[name][:, None]).astype(np.float32)
        state[f"{own}.value.bias"] = (state[f"{own}.value.bias"] / by[name]).astype(np.float32)
        state[f"{name}.weight"] = (state[f"{name}.weight"] * by[name]).astype(np.float32)
        found[name] = ActivationRange(span.low, span.high)
    return found

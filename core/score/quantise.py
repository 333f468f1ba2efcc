"""Quantise floats to bytes: the grid of an activation, and the columns of a matrix."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["WEIGHT_TOP", "ActivationRange", "quantise_columns"]

Array = NDArray[Any]
#: Seven bits: sums of two u8 × s8 products overflow 16 bits on CPUs without VNNI.
WEIGHT_TOP: Final = 64
_ACTIVATION_TOP: Final = 255


@dataclass(frozen=True, slots=True)
class ActivationRange:
    """The input range of a matrix.

    Attributes:
        low: Smallest expected activation.
        high: Largest.
        smooth: (rows,) divisor of each input channel, multiplied into its row of the matrix, so that a few channels
            that are always large do not take up the whole range; None = none.
    """

    low: float
    high: float
    smooth: Array | None = None

    @property
    def step(self) -> float:
        """Distance between two adjacent levels."""
        return max(max(self.high, 0.0) - min(self.low, 0.0), 1e-6) / _ACTIVATION_TOP

    @property
    def zero(self) -> int:
        """The byte that represents 0.

        Example:
            >>> ActivationRange(-1.0, 1.55).zero
            100
        """
        return round(-min(self.low, 0.0) / self.step)


def quantise_columns(weight: Array, top: int = WEIGHT_TOP) -> tuple[Array, Array]:
    """Round a (rows, columns) matrix to int8 with one scale per column; return integers and scales."""
    scale = (np.maximum(np.abs(weight).max(0), 1e-8) / top).astype(np.float32)
    return np.clip(np.rint(weight / scale), -top, top).astype(np.int8), scale

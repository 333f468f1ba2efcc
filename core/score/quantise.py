"""Floats as bytes: the grid of an activation, and the columns of a matrix."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["WEIGHT_TOP", "Span", "quantise_columns"]

Array = NDArray[Any]
#: Seven bits: u8 × s8 sums of two overflow 16 bits on CPUs without VNNI.
WEIGHT_TOP: Final = 64
_ACTIVATION_TOP: Final = 255


@dataclass(frozen=True, slots=True)
class Span:
    """What goes into a matrix.

    Attributes:
        low: Smallest activation expected.
        high: Largest.
        smooth: (rows,) each activation is divided by its own number first and the row of the matrix multiplied by it,
            so that a few channels that are always large do not take the whole range; None = as it is.
    """

    low: float
    high: float
    smooth: Array | None = None

    @property
    def step(self) -> float:
        """Distance between two neighbouring bytes."""
        return max(max(self.high, 0.0) - min(self.low, 0.0), 1e-6) / _ACTIVATION_TOP

    @property
    def zero(self) -> int:
        """The byte that stands for 0.

        Example:
            >>> Span(-1.0, 1.55).zero
            100
        """
        return round(-min(self.low, 0.0) / self.step)


def quantise_columns(weight: Array, top: int = WEIGHT_TOP) -> tuple[Array, Array]:
    """Round a (rows, columns) matrix to int8 with one scale per column; returns integers and scales."""
    scale = (np.maximum(np.abs(weight).max(0), 1e-8) / top).astype(np.float32)
    return np.clip(np.rint(weight / scale), -top, top).astype(np.int8), scale

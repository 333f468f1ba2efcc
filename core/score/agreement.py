"""Measure how far a faster engine's probabilities are from those of torch in float32, on probe texts."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.metrics import wilson

__all__ = ["LEAST", "Agreement", "compare"]

#: An engine that agrees on a smaller share of labels is used only if the user names it.
LEAST: Final = 0.995


@dataclass(frozen=True, slots=True)
class Agreement:
    """Agreement of two engines on the same texts.

    Attributes:
        n: Number of texts.
        same: Texts with the same most probable class.
        low: Lower end of the 95 % interval of their share.
        high: Upper end.
        mean_drift: Mean over the texts of the largest absolute difference of a class probability.
        largest_drift: Maximum over the texts.
    """

    n: int
    same: int
    low: float
    high: float
    mean_drift: float
    largest_drift: float

    @property
    def share(self) -> float:
        """Share of the texts with the same label."""
        return self.same / self.n

    @property
    def accepted(self) -> bool:
        """Whether the agreement is high enough to use the engine by default."""
        return self.share >= LEAST

    def as_dict(self) -> dict[str, Any]:
        """Return the facts for a JSON file."""
        return asdict(self) | {"share": round(self.share, 5), "least": LEAST, "accepted": self.accepted}

    @classmethod
    def from_dict(cls, facts: dict[str, Any]) -> Agreement:
        """Restore what ``as_dict`` returned."""
        return cls(**{name: facts[name] for name in cls.__dataclass_fields__})


def compare(exact: NDArray[np.float32], quick: NDArray[np.float32]) -> Agreement:
    """Compare the class probabilities of two engines.

    Args:
        exact: Probabilities of the reference, shape (n, classes), n at least 1.
        quick: Those of the engine, the same shape.

    Example:
        >>> p = np.array([[0.9, 0.1], [0.4, 0.6]], np.float32)
        >>> compare(p, p[:, ::-1]).same, compare(p, p).accepted
        (0, True)
    """
    n = len(exact)
    same = int((exact.argmax(axis=1) == quick.argmax(axis=1)).sum())
    share = wilson(same, n)
    drift = np.abs(exact - quick).max(axis=1)
    return Agreement(n, same, share.low, share.high, float(drift.mean()), float(drift.max()))

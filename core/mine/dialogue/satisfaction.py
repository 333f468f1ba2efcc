"""Customer satisfaction predicted by a trained model: linear in n-grams by position and in another model's outputs.

The weights were learnt from dialogues that about nineteen people rated each (``python -m core train dialogue``);
``weights/card.md`` gives the data and the accuracy on held-out dialogues. There are two sets of weights: one that
needs the sentiment model it was trained with, and one of words alone for any other.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.errors import ModelError
from core.invocation import command
from core.mine.dialogue.features import WIDTH, Round, dense, grams
from core.mine.dialogue.grams import BITS
from core.results import CUSTOMER, SATISFACTION_LIMIT

__all__ = ["FILE", "LEAST_HANZI", "SPREAD", "Model", "fits", "open_model"]

FILE: Final = Path(__file__).parent / "weights" / "satisfaction.npz"
#: Standardised features are clipped here.
SPREAD: Final = 4.0
#: Least share of hanzi among the letters of the customer's text; the model was trained on nothing else.
LEAST_HANZI: Final = 0.3
_HANZI = re.compile(r"[\u3400-\u9fff]")
_LETTER = re.compile(r"[^\W\d_]")


@dataclass(frozen=True, slots=True)
class Model:
    """Weights of both sets.

    Attributes:
        version: First 10 hex digits of the file's SHA-256.
        backend: Version of the sentiment model that the full set was trained with.
        words: Weights of n-grams and the intercept, for the full set and for words alone, shape (2, 2 ** BITS + 1).
        numbers: Weights of the standardised features, shape (WIDTH,).
        centre: What is subtracted from each feature; scale, what it is then divided by.
    """

    version: str
    backend: str
    words: NDArray[np.float32]
    numbers: NDArray[np.float32]
    centre: NDArray[np.float32]
    scale: NDArray[np.float32]

    def knows(self, backend_version: str) -> bool:
        """Tell whether the full set of weights can be used with a given sentiment model."""
        return self.backend == backend_version

    def satisfaction(self, rounds: Sequence[Round], *, heard: bool) -> float:
        """Return the customer's satisfaction, on −2…2.

        Args:
            rounds: The dialogue, for which ``fits`` is true.
            heard: Use the sentiment model's outputs, too; only where ``knows`` is true.
        """
        buckets, values = grams(rounds)
        weights = self.words[0 if heard else 1]
        total = float(weights[buckets] @ values) + float(weights[-1])
        if heard:
            standard = np.clip((dense(rounds) - self.centre) / self.scale, -SPREAD, SPREAD)
            total += float(self.numbers @ standard)
        return max(-SATISFACTION_LIMIT, min(SATISFACTION_LIMIT, total))


def fits(rounds: Sequence[Round]) -> bool:
    """Tell whether the model applies to a dialogue: a customer speaks, and in Chinese."""
    said = "".join(one.text for one in rounds if one.role == CUSTOMER)
    letters = len(_LETTER.findall(said))
    return letters > 0 and len(_HANZI.findall(said)) >= LEAST_HANZI * letters


@lru_cache(maxsize=2)
def open_model(path: Path = FILE) -> Model | None:
    """Load the shipped weights; None if the file does not exist.

    Raises:
        ModelError: M06 the file is damaged or has another layout.
    """
    if not path.is_file():
        return None
    try:
        # no pickles: numeric and character arrays only
        with np.load(path, allow_pickle=False) as held:
            arrays = {name: held[name] for name in ("words", "numbers", "centre", "scale")}
            backend = str(held["backend"])
    except (OSError, ValueError, KeyError) as exc:
        raise _refused(path) from exc
    floats = {name: array.astype(np.float32) for name, array in arrays.items()}
    if floats["words"].shape != (2, 2**BITS + 1) or any(floats[n].shape != (WIDTH,) for n in list(floats)[1:]):
        raise _refused(path)
    return Model(hashlib.sha256(path.read_bytes()).hexdigest()[:10], backend, **floats)


def _refused(path: Path) -> ModelError:
    return ModelError(
        "M06",
        f"客服满意度模型的文件 {path.name} 损坏或版本不符。",
        f"请重新安装听风,或运行 {command('train dialogue')}。",
    )

"""The models that ship with Tingfeng: int8 ONNX in ``weights/builtin`` and ``weights/tiny``, no download, no torch."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from core.score.tokens import Encoder

if TYPE_CHECKING:
    from core.score.onnx import OnnxBackend

__all__ = ["FOLDER", "WEIGHTS", "open_builtin", "word_list"]

#: One folder per shipped model, named after it.
WEIGHTS: Final = Path(__file__).parent / "weights"
#: The default model.
FOLDER: Final = WEIGHTS / "builtin"


def open_builtin(folder: Path = FOLDER, name: str = "builtin") -> OnnxBackend:
    """Open a shipped model.

    Args:
        folder: The model's folder.
        name: Name of the backend.

    Raises:
        ModelError: M04 a file is missing, M09 the files do not belong together.
    """
    from core.score.onnx import open_folder  # imports onnxruntime, 0.1 s

    return open_folder(folder, name)


@lru_cache(maxsize=1)
def word_list() -> Encoder:
    """Return the shipped tokenizer, opened once per process; its words segment the explanations of every backend."""
    from core.score.compiled import open_tokenizer

    return Encoder(open_tokenizer(FOLDER / "tokenizer.json", "builtin"), "builtin")

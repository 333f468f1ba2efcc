"""Models as ONNX files: one session for all threads, int8 or float, no torch.

model.onnx takes a whole bunch of batches (see ``core.score.passes``) and iterates over them internally, because between
two calls a thread would wait for the GIL, which others need too. Its outputs are probabilities per head; the input
``others``, if present, says whether heads beyond the main one are computed.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from core.errors import ModelError
from core.score.batch import SLOTS, Bunch
from core.score.compiled import CompiledBackend

__all__ = ["OnnxBackend", "fed", "open_folder"]

_ERROR_LEVEL: Final = 3
#: Inputs of a graph, and their columns; files of older versions took one batch per call, or one batch per pass.
_TAKEN: Final = {"input_ids": [], "positions": [], "rows": [SLOTS], "lengths": [SLOTS]}


class OnnxBackend(CompiledBackend):
    """A model run by onnxruntime; ``Session.run`` is thread-safe, so one object serves every thread.

    Args and errors are those of ``CompiledBackend``.
    """

    def _open(self, path: Path, name: str) -> dict[str, int]:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1  # batches run in parallel, see core.score.pool
        options.log_severity_level = _ERROR_LEVEL
        try:
            # Bytes, not the path: a graph loaded from bytes cannot reference other files.
            made = onnxruntime.InferenceSession(path.read_bytes(), options, providers=["CPUExecutionProvider"])
        except Exception as exc:  # onnxruntime raises a dozen classes of its own
            raise self._broken(name) from exc
        self._session = made
        inputs = {one.name: one.shape for one in made.get_inputs()}
        self._inputs = frozenset(inputs)
        if any(key not in inputs or inputs[key][1:] != wanted for key, wanted in _TAKEN.items()):
            raise ModelError(
                "M13", f"模型 {name} 的 {self.file} 由旧版本的听风导出,现在不能运行。", "请用现在的版本重新导出模型。"
            )
        return {o.name: int(o.shape[1]) for o in made.get_outputs()}

    def run(self, ids: NDArray[np.int64], heads: Sequence[str]) -> list[NDArray[np.float32]]:
        """Return the named outputs of the graph for texts of equal length."""
        return self.run_bunch(Bunch.of(ids), heads)

    def run_bunch(self, bunch: Bunch, heads: Sequence[str]) -> list[NDArray[np.float32]]:
        """Return the named outputs of the graph for the texts of several batches."""
        others = any(head not in {self._main, "vector"} for head in heads)
        result: list[NDArray[np.float32]] = self._session.run(list(heads), fed(bunch, self._inputs, others=others))
        return result


def fed(bunch: Bunch, names: Collection[str], *, others: bool) -> dict[str, NDArray[Any]]:
    """Return the inputs of a graph.

    Args:
        bunch: The batches.
        names: Inputs that the graph has.
        others: Whether heads beyond the main one are requested.
    """
    rows, lengths = bunch.passes()
    feed: dict[str, NDArray[Any]] = {
        "input_ids": bunch.ids, "positions": bunch.positions(), "rows": rows, "lengths": lengths
    }  # fmt: skip
    if "owner" in names:
        feed["owner"] = bunch.owners()
    if "others" in names:
        feed["others"] = np.array(others)
    return feed


def open_folder(folder: Path, name: str) -> OnnxBackend:
    """Open a folder with the built-in model's layout."""
    return OnnxBackend(folder, name)

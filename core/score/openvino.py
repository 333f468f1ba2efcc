"""Compiled StructBERT folders run by OpenVINO, where that package is installed."""

from __future__ import annotations

import importlib
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.score.compiled import CompiledBackend
from core.score.cpu import cpu_threads

__all__ = ["OpenVinoBackend", "open_folder"]

_FIRST = threading.Lock()


class OpenVinoBackend(CompiledBackend):
    """A compiled model run by OpenVINO; every thread has an infer request of its own.

    Args and errors are those of ``CompiledBackend``.
    """

    def _open(self, path: Path, name: str) -> dict[str, int]:
        core = importlib.import_module("openvino").Core()  # not among what Tingfeng needs: installed by who wants it
        options: dict[str, Any] = {"INFERENCE_NUM_THREADS": cpu_threads(), "NUM_STREAMS": cpu_threads()}
        if self.engine.endswith("fp32"):
            options["INFERENCE_PRECISION_HINT"] = "f32"  # else it takes bf16 where the CPU has it
        try:
            self._compiled = core.compile_model(core.read_model(path.read_bytes(), b""), "CPU", options)
        except RuntimeError as exc:
            raise self._broken(name) from exc
        self._requests = threading.local()
        outputs = {o.get_any_name(): int(o.get_partial_shape()[1].get_length()) for o in self._compiled.outputs}
        # Two first calls at once would wait for each other for ever: its conversion tables are made by the first one.
        with _FIRST:
            self.run(np.zeros((1, 2), np.int64), list(outputs))
        return outputs

    def run(self, ids: NDArray[np.int64], heads: Sequence[str]) -> list[NDArray[np.float32]]:
        """Return the named outputs of the graph for texts of one length."""
        if not hasattr(self._requests, "own"):
            self._requests.own = self._compiled.create_infer_request()
        answers: Any = self._requests.own.infer({"input_ids": ids})
        # the request writes its next answer over this one
        return [np.array(answers[name], np.float32) for name in heads]


def open_folder(folder: Path, name: str) -> OpenVinoBackend:
    """Open a folder compiled for OpenVINO."""
    return OpenVinoBackend(folder, name)

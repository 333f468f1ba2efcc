"""Compiled StructBERT folders run by OpenVINO, if that package is installed."""

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
    """A compiled model run by OpenVINO; every thread has its own infer request.

    Args and errors are those of ``CompiledBackend``.
    """

    def _open(self, path: Path, name: str) -> dict[str, int]:
        core = importlib.import_module("openvino").Core()  # not a requirement of Tingfeng: optional
        options: dict[str, Any] = {"INFERENCE_NUM_THREADS": cpu_threads(), "NUM_STREAMS": cpu_threads()}
        if self.engine.endswith("fp32"):
            options["INFERENCE_PRECISION_HINT"] = "f32"  # otherwise bf16 where the CPU supports it
        try:
            self._compiled = core.compile_model(core.read_model(path.read_bytes(), b""), "CPU", options)
        except RuntimeError as exc:
            raise self._broken(name) from exc
        self._requests = threading.local()
        outputs = {o.get_any_name(): int(o.get_partial_shape()[1].get_length()) for o in self._compiled.outputs}
        # Concurrent first calls would deadlock: the first one builds the conversion tables.
        with _FIRST:
            self.run(np.zeros((1, 2), np.int64), list(outputs))
        return outputs

    def run(self, ids: NDArray[np.int64], heads: Sequence[str]) -> list[NDArray[np.float32]]:
        """Return the named outputs of the graph for texts of equal length."""
        if not hasattr(self._requests, "own"):
            self._requests.own = self._compiled.create_infer_request()
        answers: Any = self._requests.own.infer({"input_ids": ids})
        # Copy: the request overwrites its outputs on the next call.
        return [np.array(answers[name], np.float32) for name in heads]


def open_folder(folder: Path, name: str) -> OpenVinoBackend:
    """Open a folder compiled for OpenVINO."""
    return OpenVinoBackend(folder, name)

"""Models as ONNX files: one session for all threads, int8 or float, no torch.

The folder holds model.onnx (inputs ``input_ids`` and ``attention_mask``, outputs are probabilities per head),
tokenizer.json and labels.json (class names per head, ``max_length``, ``version``).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

from core.errors import ModelError
from core.score.base import TokenBackend, digest
from core.score.tokens import Encoder

__all__ = ["OnnxBackend", "open_folder", "open_tokenizer"]

_FILES: Final = ("model.onnx", "tokenizer.json", "labels.json")
_ERROR_LEVEL: Final = 3


class OnnxBackend(TokenBackend):
    """A model run by onnxruntime; ``Session.run`` is thread-safe, so one object serves every thread.

    Args:
        folder: Holds the three files.
        name: What the backend is called.

    Raises:
        ModelError: M04 a file is missing or unreadable, M09 the files do not belong together, M10 the tokenizer or
            M13 the graph cannot be used, M07 the classes are no sentiment.
    """

    def __init__(self, folder: Path, name: str) -> None:
        facts = _facts(folder, name)
        self.engine = f"{facts.get('engine', 'onnx')}-{facts.get('precision', 'int8')}"
        heads = {key: tuple(map(str, value)) for key, value in facts.items() if isinstance(value, list)}
        main = str(facts.get("main", "sentiment"))
        if main not in heads:
            raise ModelError("M04", f"模型 {name} 的 labels.json 没有 {main} 类别。", "请重新获取模型。")
        outputs = self._open(folder / "model.onnx", name)
        missing = [key for key in heads if key not in outputs]
        if missing:
            raise ModelError("M13", f"模型 {name} 的 model.onnx 没有输出 {'、'.join(missing)}。", "请重新获取模型。")
        self._vector_width = outputs.get("vector", 0)
        super().__init__(
            name=name,
            version=digest(folder / file for file in _FILES) + (f".{self.engine}" if "engine" in facts else ""),
            encoder=Encoder(open_tokenizer(folder / "tokenizer.json", name), name),
            heads=heads,
            main=main,
            window_tokens=int(facts.get("max_length", 256)) - 2,
        )

    def _open(self, path: Path, name: str) -> dict[str, int]:
        """Open the graph; returns the outputs and their columns."""
        self._session = _session(path, name)
        return {o.name: int(o.shape[1]) for o in self._session.get_outputs()}

    def run(self, ids: NDArray[np.int64], mask: NDArray[np.int64], heads: Sequence[str]) -> list[NDArray[np.float32]]:
        """Return the named outputs of the graph for one padded batch."""
        result: list[NDArray[np.float32]] = self._session.run(list(heads), {"input_ids": ids, "attention_mask": mask})
        return result

    def vectors(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the pooled encoder state of each text, for search and clustering.

        Args:
            texts: The texts; each is cut at ``window_tokens``.

        Returns:
            Shape (n, width); zero for an empty text or one of unknown characters only.

        Raises:
            ModelError: M14 the model has no vectors.
        """
        if not self._vector_width:
            raise ModelError("M14", f"模型 {self.name} 没有“vector”输出。", f"可用的输出:{'、'.join(self.heads)}。")
        tokens = self.encode(texts)
        rows = np.flatnonzero(tokens.known(self._encoder.unknown_id))
        return self.forward(tokens, rows, ("vector",), (self._vector_width,))[0]


def open_folder(folder: Path, name: str) -> OnnxBackend:
    """Open a folder of the built-in layout."""
    return OnnxBackend(folder, name)


def _facts(folder: Path, name: str) -> dict[str, Any]:
    missing = [file for file in _FILES if not (folder / file).is_file()]
    if missing:
        raise ModelError(
            "M04", f"模型 {name} 的文件夹缺少 {'、'.join(missing)}:{folder}。", "请重新安装听风,或检查文件夹。"
        )
    try:
        facts = json.loads((folder / "labels.json").read_text("utf-8"))
    except ValueError as exc:
        raise ModelError("M04", f"模型 {name} 的 labels.json 不是合法的 JSON。", "请重新获取模型。") from exc
    if not isinstance(facts, dict):
        raise ModelError("M04", f"模型 {name} 的 labels.json 不是 JSON 对象。", "请重新获取模型。")
    actual = hashlib.sha256((folder / "model.onnx").read_bytes() + (folder / "tokenizer.json").read_bytes()).hexdigest()
    if not actual.startswith(str(facts.get("version", actual))):
        raise ModelError("M09", f"模型 {name} 的文件与 labels.json 中的版本不符,可能没有下载完整。", "请重新获取模型。")
    return facts


def _session(path: Path, name: str) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # batches run side by side, see core.score.pool
    options.log_severity_level = _ERROR_LEVEL
    try:
        # Bytes, not the path: a graph read from bytes cannot pull in other files of the machine.
        return onnxruntime.InferenceSession(path.read_bytes(), options, providers=["CPUExecutionProvider"])
    except Exception as exc:  # onnxruntime raises a dozen classes of its own
        raise ModelError("M13", f"模型 {name} 的 model.onnx 打不开。", "文件可能已损坏,请重新获取模型。") from exc


def open_tokenizer(path: Path, name: str) -> Tokenizer:
    """Open a tokenizer.json.

    Raises:
        ModelError: M10 it cannot be read.
    """
    try:
        return Tokenizer.from_file(str(path))
    except Exception as exc:  # the Rust library raises plain Exception
        raise ModelError("M10", f"模型 {name} 的 tokenizer.json 打不开。", "文件可能已损坏,请重新获取模型。") from exc

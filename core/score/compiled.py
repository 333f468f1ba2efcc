"""Models as folders of one weights file, tokenizer.json and labels.json.

labels.json holds the class names per head, ``max_length`` and ``version``. A subclass per engine (onnxruntime,
OpenVINO, torch) loads and runs the weights file.
"""

from __future__ import annotations

import hashlib
import json
from abc import abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from core.errors import ModelError
from core.score.base import TokenBackend, digest
from core.score.tokens import Encoder

__all__ = ["CompiledBackend", "open_tokenizer"]


class CompiledBackend(TokenBackend):
    """A model loaded from such a folder.

    Args:
        folder: Holds the three files.
        name: Name of the backend.

    Raises:
        ModelError: M04 a file is missing or unreadable, M09 the files do not belong together, M10 the tokenizer or
            M13 the weights cannot be used, M07 the classes are not sentiment labels.
    """

    #: Name of the weights file.
    file: ClassVar[str] = "model.onnx"

    def __init__(self, folder: Path, name: str) -> None:
        files = (self.file, "tokenizer.json", "labels.json")
        facts = _facts(folder, files, name)
        self.engine = f"{facts.get('engine', 'onnx')}-{facts.get('precision', 'int8')}"
        heads = {key: tuple(map(str, value)) for key, value in facts.items() if isinstance(value, list)}
        main = str(facts.get("main", "sentiment"))
        if main not in heads:
            raise ModelError("M04", f"模型 {name} 的 labels.json 没有 {main} 类别。", "请重新获取模型。")
        outputs = self._open(folder / self.file, name)
        missing = [key for key in heads if key not in outputs]
        if missing:
            raise ModelError("M13", f"模型 {name} 的 {self.file} 没有输出 {'、'.join(missing)}。", "请重新获取模型。")
        self._vector_width = outputs.get("vector", 0)
        super().__init__(
            name=name,
            version=digest(folder / file for file in files) + (f".{self.engine}" if "engine" in facts else ""),
            encoder=Encoder(open_tokenizer(folder / "tokenizer.json", name), name),
            heads=heads,
            main=main,
            window_tokens=int(facts.get("max_length", 256)) - 2,
        )

    @abstractmethod
    def _open(self, path: Path, name: str) -> dict[str, int]:
        """Open the weights; return the outputs and their widths."""

    def _broken(self, name: str) -> ModelError:
        """Return the error for a weights file that cannot be opened."""
        return ModelError("M13", f"模型 {name} 的 {self.file} 打不开。", "文件可能已损坏,请重新获取模型。")

    def vectors(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the pooled encoder state of each text, for search and clustering.

        Args:
            texts: The texts; each is truncated at ``window_tokens``.

        Returns:
            Shape (n, width); zero for a text that is empty or has only unknown characters.

        Raises:
            ModelError: M14 the model has no vectors.
        """
        if not self._vector_width:
            raise ModelError("M14", f"模型 {self.name} 没有“vector”输出。", f"可用的输出:{'、'.join(self.heads)}。")
        tokens = self.encode(texts)
        rows = np.flatnonzero(tokens.known(self._encoder.unknown_id))
        return self.forward(tokens, rows, ("vector",), (self._vector_width,))[0]


def open_tokenizer(path: Path, name: str) -> Tokenizer:
    """Open a tokenizer.json.

    Raises:
        ModelError: M10 it cannot be read.
    """
    try:
        return Tokenizer.from_file(str(path))
    except Exception as exc:  # the Rust library raises plain Exception
        raise ModelError("M10", f"模型 {name} 的 tokenizer.json 打不开。", "文件可能已损坏,请重新获取模型。") from exc


def _facts(folder: Path, files: tuple[str, ...], name: str) -> dict[str, Any]:
    missing = [file for file in files if not (folder / file).is_file()]
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
    actual = hashlib.sha256((folder / files[0]).read_bytes() + (folder / files[1]).read_bytes()).hexdigest()
    if not actual.startswith(str(facts.get("version", actual))):
        raise ModelError("M09", f"模型 {name} 的文件与 labels.json 中的版本不符,可能没有下载完整。", "请重新获取模型。")
    return facts

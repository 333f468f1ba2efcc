"""StructBERT folders compiled for onnxruntime or OpenVINO: once, compared with torch, stored beside the weights.

The result is in ``<folder>/.tingfeng/<version>-…`` (in the data folder if the model's own is not writable):
model.onnx, tokenizer.json and labels.json as for the built-in model, and compiled.json with the comparison. The
folder appears under its name only once it is complete.
"""

from __future__ import annotations

import json
import shutil
import tempfile
import time
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from core.errors import ModelError
from core.files import atomic_write
from core.score.agreement import Agreement, compare
from core.score.base import TokenBackend
from core.score.cpu import has_vnni
from core.score.layout import version_of
from core.score.probe_texts import calibration_texts, probe_texts
from core.score.quantise import WEIGHT_TOP
from core.settings import get_settings

if TYPE_CHECKING:
    from core.score.structbert import StructBertBackend

__all__ = ["Compiler"]

#: Part of every folder's name: raise it when the graph or the calibration changes.
_REVISION: Final = "5"
_FACTS: Final = "compiled.json"
#: The only supported network configuration.
_KNOWN: Final = {"hidden_act": "gelu", "position_embedding_type": "absolute"}
_STALE_SECONDS: Final = 24 * 3600.0


class Compiler:
    """Creates and finds the compiled forms of one StructBERT folder.

    Args:
        folder: The model's folder.
        name: Name of the backend.
        tell: Called with a Chinese message when something takes long.
    """

    def __init__(self, folder: Path, name: str, tell: Callable[[str], None] | None = None) -> None:
        self._folder = folder
        self._name = name
        self._tell = tell

    def compiled(self, engine: str, precision: str) -> Path:
        """Return the folder of a compiled form in the built-in model's format, creating it if missing.

        Args:
            engine: onnx or openvino.
            precision: int8 or fp32.

        Raises:
            ModelError: M17 the network cannot be compiled, M04–M07, M10 the folder cannot be used.
            OSError: Neither the model's folder nor the data folder can be written.
        """
        key = self._key(engine, precision)
        return self._found(key) or self._made(key, engine, precision)

    def agreement(self, engine: str, precision: str, backend: TokenBackend) -> Agreement:
        """Return an engine's agreement with torch in float32; measured once, then read from compiled.json.

        Args:
            engine: The engine.
            precision: Its precision.
            backend: The model opened with that engine.
        """
        key = self._key(engine, precision)
        folder = self._found(key) or self._kept(self._part(), key)
        path = folder / _FACTS
        if path.is_file():
            return Agreement.from_dict(json.loads(path.read_text("utf-8")))
        found = compare(self._answers, self._ask(backend))
        self._say(
            f"{engine} {precision} 与 torch fp32 相比:{found.n} 条检验文本中 {found.same} 条标签相同"
            f"({found.share:.1%}),概率平均相差 {found.mean_drift:.4f}。"
        )
        facts = {"engine": engine, "precision": precision, "weights": self._version, "cpu_vnni": has_vnni()}
        with atomic_write(path) as file:
            file.write(json.dumps(facts | found.as_dict(), indent=1).encode("utf-8"))
        return found

    @cached_property
    def reference(self) -> StructBertBackend:
        """The model in torch, float32."""
        from core.score.structbert import open_folder  # imports torch, only to compile

        return open_folder(self._folder, self._name)

    @cached_property
    def _answers(self) -> NDArray[np.float32]:
        return self._ask(self.reference)

    @cached_property
    def _version(self) -> str:
        return version_of(self._folder, self._name)

    def _ask(self, backend: TokenBackend) -> NDArray[np.float32]:
        (answers,) = backend.head_tokens(backend.encode(probe_texts()), tuple(backend.heads)[:1])
        return answers

    def _key(self, engine: str, precision: str) -> str:
        vnni = "-vnni" if precision == "int8" and has_vnni() else ""
        return f"{self._version}-{_REVISION}-{engine}-{precision}{vnni}"

    def _places(self) -> list[Path]:
        return [self._folder / ".tingfeng", get_settings().data_dir / "compiled"]

    def _found(self, key: str) -> Path | None:
        return next((place / key for place in self._places() if (place / key).is_dir()), None)

    def _part(self) -> Path:
        """Create a temporary folder next to the final location, and delete those left by crashes."""
        own, data = self._places()
        try:
            part = _fresh(own)
        except OSError:  # not the owner, or a read-only medium
            part = _fresh(data)
        for old in part.parent.glob(".part-*"):
            if time.time() - old.stat().st_mtime > _STALE_SECONDS:
                shutil.rmtree(old, ignore_errors=True)
        return part

    def _kept(self, part: Path, key: str) -> Path:
        """Rename a finished folder to its final name; another process may have been faster."""
        target = part.with_name(key)
        try:
            part.rename(target)
        except OSError:
            shutil.rmtree(part, ignore_errors=True)
            if not target.is_dir():
                raise
        return target

    def _made(self, key: str, engine: str, precision: str) -> Path:
        self._say(f"首次使用模型 {self._name}:正在为 {engine} 编译 {precision} 版本,只需一次,大约一两分钟…")
        started = time.monotonic()
        try:
            part = self._part()
            try:
                self._write(part, engine, precision)
            except BaseException:
                shutil.rmtree(part, ignore_errors=True)
                raise
            kept = self._kept(part, key)
        except OSError as exc:
            raise ModelError(
                "M18", f"模型 {self._name} 的编译结果无法写入({exc.strerror})。", "请检查磁盘空间和数据目录的权限。"
            ) from exc
        self._say(f"编译完成,用时 {time.monotonic() - started:.0f} 秒。")
        return kept

    def _write(self, part: Path, engine: str, precision: str) -> None:
        model = self.reference
        (head, classes), *_ = model.heads.items()
        with atomic_write(part / "model.onnx") as file:
            file.write(self._graph(engine, precision, head, len(classes)))
        with atomic_write(part / "tokenizer.json") as file:
            file.write(model.tokenizer_json().encode("utf-8"))
        labels = {head: classes, "main": head, "max_length": model.window_tokens + 2}
        labels |= {"engine": engine, "precision": precision}
        with atomic_write(part / "labels.json") as file:
            file.write(json.dumps(labels, ensure_ascii=False, indent=1).encode("utf-8"))

    def _graph(self, engine: str, precision: str, head: str, classes: int) -> bytes:
        from core.score import graph, smoothing  # imports the onnx package, only to compile

        config = self.reference.config
        if any(config[key] != known for key, known in _KNOWN.items()):
            raise ModelError("M17", f"模型 {self._name} 的网络结构不能编译。", "请改用 --engine torch。")
        g = graph.Graph(
            portable=engine != "onnx",
            top=127 if has_vnni() else WEIGHT_TOP,
            epsilon=float(config["layer_norm_eps"]),
        )
        state = self.reference.parameters()
        layers = int(config["num_hidden_layers"])
        spans = None
        if precision == "int8":
            spans = smoothing.smoothed(state, self.reference.ranges(self.reference.encode(calibration_texts())), layers)
        hidden = graph.encode(
            g,
            state,
            layers=layers,
            heads=int(config["num_attention_heads"]),
            spans=spans,
            exact_words=precision != "int8",
        )
        graph.classifier(g, hidden, state, head)
        return bytes(g.model({head: classes}).SerializeToString())

    def _say(self, sentence: str) -> None:
        if self._tell is not None:
            self._tell(sentence)


def _fresh(place: Path) -> Path:
    place.mkdir(parents=True, exist_ok=True)
    return Path(tempfile.mkdtemp(prefix=".part-", dir=place))

"""Choose the engine and precision for a StructBERT folder: torch, onnxruntime or OpenVINO; int8, bf16 or float32."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from core.errors import ModelError
from core.score.base import TokenBackend
from core.score.compiling import Compiler

__all__ = ["AUTO", "ENGINES", "PRECISIONS", "Engine", "open_structbert", "split_name"]

AUTO: Final = "auto"
#: Precisions each engine supports, in order of preference subject to sufficient agreement.
_POSSIBLE: Final = {"onnx": ("int8", "fp32"), "openvino": ("int8", "fp32"), "torch": ("fp32", "bf16")}
ENGINES: Final = (AUTO, *sorted(_POSSIBLE))
PRECISIONS: Final = (AUTO, "int8", "bf16", "fp32")
_SUFFIX: Final = re.compile(rf"#({'|'.join(ENGINES)})(?:-({'|'.join(PRECISIONS)}))?$")


@dataclass(frozen=True, slots=True)
class Engine:
    """The engine and precision of a model.

    Attributes:
        engine: One of ``ENGINES``.
        precision: One of ``PRECISIONS``; auto takes the fastest that agrees with float32 on 99.5 % of the labels.
    """

    engine: str = AUTO
    precision: str = AUTO

    @property
    def suffix(self) -> str:
        """The suffix that encodes this in a model's name; "" for the automatic choice.

        Example:
            >>> Engine("onnx", "int8").suffix, Engine().suffix
            ('#onnx-int8', '')
        """
        return "" if self == Engine() else f"#{self.engine}-{self.precision}"

    @property
    def plain(self) -> bool:
        """Whether this is the automatic choice."""
        return self == Engine()


def split_name(name: str) -> tuple[str, Engine]:
    """Split the engine suffix off a model's name.

    Args:
        name: A name or folder, optionally followed by ``#engine-precision``.

    Example:
        >>> split_name("structbert#onnx-int8")
        ('structbert', Engine(engine='onnx', precision='int8'))
        >>> split_name("/models/a#b")[0]
        '/models/a#b'
    """
    found = _SUFFIX.search(name)
    if found is None:
        return name, Engine()
    return name[: found.start()], Engine(found[1], found[2] or AUTO)


def open_structbert(folder: Path, name: str, chosen: Engine, tell: Callable[[str], None] | None = None) -> TokenBackend:
    """Open a StructBERT folder with an engine, compiling it on first use.

    Args:
        folder: The model's folder.
        name: Name of the backend.
        chosen: Engine and precision. An explicit precision is used whatever its agreement; auto rejects a lossy one.
        tell: Called with a Chinese message when something takes long.

    Raises:
        ModelError: M17 the engine does not support it, M18 the compiled file cannot be written, M04–M07, M10, M11.
    """
    engine = chosen.engine if chosen.engine != AUTO else "torch" if chosen.precision == "bf16" else "onnx"
    if chosen.precision not in (AUTO, *_POSSIBLE[engine]):
        able = "、".join(_POSSIBLE[engine])
        raise ModelError("M17", f"引擎 {engine} 不支持精度 {chosen.precision}。", f"它支持:{able}。")
    compiler = Compiler(folder, name, tell)
    wanted = _POSSIBLE[engine] if chosen.precision == AUTO else (chosen.precision,)
    try:
        for precision in wanted:
            backend = _opened(compiler, folder, name, engine, precision)
            if len(wanted) == 1 or backend.agreement is None or backend.agreement.accepted:
                break
    except ModelError as exc:
        # a model that cannot be compiled or stored still runs in torch
        if chosen.engine != AUTO or exc.code not in {"M17", "M18"}:
            raise
        return _opened(compiler, folder, name, "torch", "fp32")
    return backend


def _opened(compiler: Compiler, folder: Path, name: str, engine: str, precision: str) -> TokenBackend:
    def open_it() -> TokenBackend:
        if engine == "torch":
            from core.score.structbert import open_folder as open_torch

            return open_torch(folder, name, precision)
        compiled = compiler.compiled(engine, precision)
        if engine == "openvino":
            from core.score.openvino import open_folder as open_openvino

            return open_openvino(compiled, name)
        from core.score.onnx import open_folder as open_onnx

        return open_onnx(compiled, name)

    backend = open_it()
    if (engine, precision) != ("torch", "fp32"):
        backend.agreement = compiler.agreement(engine, precision, backend)
    return backend

"""The model and engine that a command uses: options shared by ``label``, ``check`` and ``evaluate``."""

from __future__ import annotations

import argparse

from core.commands import console
from core.commands.files import lasting_name
from core.errors import InputError
from core.schema import Backend
from core.score import ENGINES, PRECISIONS, Engine, TokenBackend, load, split_cascade, split_name
from core.settings import get_settings

__all__ = ["add_model", "chosen"]


def add_model(parser: argparse.ArgumentParser) -> None:
    """Add ``--backend``, ``--engine`` and ``--precision``."""
    parser.add_argument("--backend", metavar="模型", help="builtin、tiny、structbert、cascade 或模型文件夹;默认见设置")
    parser.add_argument("--engine", choices=ENGINES, default="auto", help="StructBERT 模型用什么运行;默认自动")
    parser.add_argument(
        "--precision", choices=PRECISIONS, default="auto", help="计算精度;默认取标签与 fp32 足够一致的最快一种"
    )


def chosen(arguments: argparse.Namespace) -> tuple[str, Backend]:
    """Open the requested model, announcing slow steps and the agreement of a reduced precision.

    Args:
        arguments: With what ``add_model`` added.

    Returns:
        A name that opens the same model from any folder, and the model.

    Raises:
        InputError: I03 the engine is specified twice.
        ModelError: The model cannot be opened, or not by that engine.
    """
    name = lasting_name(arguments.backend or get_settings().backend)
    asked = Engine(arguments.engine, arguments.precision)
    if not asked.plain and (split_name(name)[1] != Engine() or split_cascade(name) is not None):
        raise InputError(
            "I03",
            f"--engine 和 --precision 不能与模型 {name} 一起用。",
            "请把引擎写在模型名后面,如 structbert#onnx-int8。",
        )
    name += asked.suffix
    backend = load(name, console.warn)
    _tell(backend, asked)
    return name, backend


def _tell(backend: Backend, asked: Engine) -> None:
    """Report how far an explicitly chosen precision agrees with the fp32 model."""
    if not isinstance(backend, TokenBackend) or backend.agreement is None or asked.plain:
        return
    found = backend.agreement
    verdict = "" if found.accepted else ";低于 99.5%,自动选择时不会用它"
    console.warn(
        f"引擎 {backend.engine}:{found.n} 条检验文本中 {found.same} 条与 fp32 标签相同"
        f"({found.share:.1%},95% 区间 {found.low:.1%}–{found.high:.1%}),概率平均相差 {found.mean_drift:.4f}{verdict}。"
    )

"""The registry of named models, and how a name or a folder becomes a backend."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from core.errors import ModelError, ModelMissingError
from core.invocation import python
from core.schema import LABELS, Backend, ModelInfo
from core.score import builtin, hub
from core.score.cascade import NAME, cascade, cascade_name, first_for, split_cascade
from core.score.engines import AUTO, Engine, open_structbert, split_name
from core.settings import get_settings

__all__ = ["ENTRIES", "QUICK", "QUICK_TITLE", "SHIPPED", "Entry", "find_entry", "load", "models", "shipped_title"]

#: Opened by ``core.score.engines``, which supports several engines.
_STRUCTBERT: Final = "structbert"
_TWO: Final = (LABELS[0], LABELS[2])
_SENTIMENT: Final = "nlp_structbert_sentiment-classification_chinese-"
_EMOTION: Final = "nlp_structbert_emotion-classification_chinese-"


@dataclass(frozen=True, slots=True)
class Entry:
    """One named model.

    Attributes:
        title: Chinese name.
        opener: ``module:function`` taking (folder, name), imported on first use; or structbert.
        note: What it is good for, one Chinese sentence.
        labels: Labels it predicts.
        repo: Name on ModelScope under ``hub.OWNERS``; "" = shipped, in ``builtin.WEIGHTS`` under its own name.
        size_mb: Approximate download size.
        emotions: Whether it also predicts emotions.
    """

    title: str
    opener: str
    note: str
    labels: tuple[str, ...] = _TWO
    repo: str = ""
    size_mb: float = 0.0
    emotions: bool = False


def _structbert(title: str, repo: str, size_mb: float, note: str) -> Entry:
    return Entry(f"StructBERT {title}", _STRUCTBERT, note, _TWO, repo, size_mb, emotions=repo.startswith(_EMOTION))


_MERGED: Final = "七种情绪合并为正负两类;惊讶平分到两边,因此会被标为需复核。"
ENTRIES: Final[dict[str, Entry]] = {
    "builtin": Entry(
        "内置模型",
        "core.score.builtin:open_builtin",
        "随软件自带,无需下载,默认使用,分负面、中性、正面三类。",
        LABELS,
        emotions=True,
    ),
    "tiny": Entry(
        "内置小模型",
        "core.score.builtin:open_builtin",
        "随软件自带,比内置模型快,准确率略低,适合较慢的电脑,分负面、中性、正面三类。",
        LABELS,
        emotions=True,
    ),
    "structbert": _structbert("情感(base)", _SENTIMENT + "base", 409, "魔搭官方模型,分正负两类。"),
    "structbert-tiny": _structbert("情感(tiny)", _SENTIMENT + "tiny", 34, "魔搭官方小模型,分正负两类,准确率较低。"),
    "structbert-large": _structbert(
        "情感(large)", _SENTIMENT + "large", 1302, "魔搭官方大模型,慢而准确率与 base 相近。"
    ),
    "structbert-ecommerce": _structbert(
        "情感(电商)", _SENTIMENT + "ecommerce-base", 409, "魔搭官方模型,针对电商评论。"
    ),
    "structbert-emotion": _structbert("情绪(base)", _EMOTION + "base", 409, _MERGED),
    "structbert-emotion-tiny": _structbert("情绪(tiny)", _EMOTION + "tiny", 34, _MERGED),
    "structbert-emotion-large": _structbert("情绪(large)", _EMOTION + "large", 1302, _MERGED),
}
#: Names of the models that need no download, the default one first.
SHIPPED: Final = tuple(name for name, entry in ENTRIES.items() if not entry.repo)
#: The cascade of the shipped models, and its display name; docs/engines.md explains the threshold .7.
QUICK: Final = cascade_name(0.7, SHIPPED[0])
QUICK_TITLE: Final = "内置模型(快)"


def shipped_title(name: str) -> str:
    """Return the Chinese name of a shipped model.

    Example:
        >>> shipped_title("tiny")
        '内置小模型'
    """
    return ENTRIES[name].title


def load(name: str, tell: Callable[[str], None] | None = None) -> Backend:
    """Open a model by name or by the path of a local folder.

    Args:
        name: A name of ``models()``, or a folder in the StructBERT layout (config.json, vocab.txt and
            model.safetensors or pytorch_model.bin) or the built-in one (model.onnx, tokenizer.json, labels.json);
            a ``#engine-precision`` suffix selects how a StructBERT model is run. ``cascade`` is the built-in model
            followed by a second one for texts it is unsure of; ``cascade:0.9:structbert`` gives threshold and second
            model. If the second is the built-in model, the small one precedes it.
        tell: Called with a Chinese message when something takes long, such as compiling a model on first use.

    Returns:
        A thread-safe backend.

    Raises:
        ModelMissingError: M02 the model is not on this machine.
        ModelError: M01 no such name or folder, M04–M07, M09–M11, M13, M17, M18 the folder cannot be used as requested.

    Example:
        >>> load("builtin").labels
        ('负面', '中性', '正面')
    """
    row = split_cascade(name)
    if row is not None:
        threshold, second = row
        second = second or get_settings().cascade_backend
        return cascade(load(first_for(second)), load(second, tell), threshold, name)
    name, engine = split_name(name)
    entry = ENTRIES.get(name)
    if entry is None:
        return _load_folder(Path(name).expanduser(), name, engine, tell)
    folder = _folder(name, entry)
    if folder is None:
        raise ModelMissingError(
            "M02",
            f"本机没有模型 {name}({hub.OWNERS[0]}/{entry.repo})。",
            f"请联网后在网页「模型」页下载(约 {entry.size_mb:,.0f} MB),或改用内置模型 builtin,或给出模型文件夹的路径。",
        )
    return _open(entry.opener, folder, name, engine, tell)


def models() -> list[ModelInfo]:
    """List the named models, shipped ones first, and ``cascade`` if its second model is on this machine.

    No model is opened.

    Example:
        >>> models()[0].name, models()[0].ready
        ('builtin', True)
    """
    found = [_describe(name, entry) for name, entry in ENTRIES.items()]
    found.insert(len(SHIPPED), _quick(found[: len(SHIPPED)]))
    second = get_settings().cascade_backend
    bare, _ = split_name(second)
    if any(model.ready and model.name == bare for model in found) or Path(bare).expanduser().is_dir():
        first = first_for(second)
        note = f"{shipped_title(first)}判断每一条,没有把握的再由 {second} 判断;能只用一小部分时间得到接近它的结果。"
        both = {first, bare} <= set(SHIPPED)
        found.append(ModelInfo(NAME, "先快后准", LABELS, True, "", 0.0, note, emotions=both))
    return found


def _quick(shipped: Sequence[ModelInfo]) -> ModelInfo:
    """Describe the cascade of the shipped models."""
    note = "内置小模型先判断每一条,没有把握的再由内置模型判断:比内置模型快,标签几乎都相同。"
    size = round(sum(model.size_mb for model in shipped), 1)
    return ModelInfo(QUICK, QUICK_TITLE, LABELS, all(model.ready for model in shipped), "", size, note, emotions=True)


def find_entry(name: str) -> Entry:
    """Return the entry of a downloadable model.

    Raises:
        ModelError: M01 no such name, M15 it ships with Tingfeng.
    """
    entry = ENTRIES.get(name)
    if entry is None:
        raise _unknown(name)
    if not entry.repo:
        raise ModelError("M15", f"模型 {name} 随软件自带,不需要下载。", "可以直接使用。")
    return entry


def _unknown(name: str) -> ModelError:
    return ModelError(
        "M01", f"没有名为 {name} 的模型,也没有这个文件夹。", f"可用的名称:{'、'.join(ENTRIES)},或本机模型文件夹的路径。"
    )


def _folder(name: str, entry: Entry) -> Path | None:
    return hub.find(entry.repo) if entry.repo else builtin.WEIGHTS / name


def _describe(name: str, entry: Entry) -> ModelInfo:
    folder = _folder(name, entry)
    ready = folder is not None and any(folder.glob("*"))
    size = hub.size_mb(folder) if folder and ready else entry.size_mb
    note = entry.note if ready else f"{entry.note}需要先下载(约 {entry.size_mb:,.0f} MB)。"
    location = str(folder) if ready else ""
    return ModelInfo(name, entry.title, entry.labels, ready, location, round(size, 1), note, entry.emotions)


def _load_folder(folder: Path, name: str, engine: Engine, tell: Callable[[str], None] | None) -> Backend:
    if not folder.is_dir():
        raise _unknown(name)
    layout = "onnx" if (folder / "model.onnx").is_file() and (folder / "labels.json").is_file() else "structbert"
    opener = _STRUCTBERT if layout == "structbert" else f"core.score.{layout}:open_folder"
    return _open(opener, folder, folder.resolve().name, engine, tell)


def _open(opener: str, folder: Path, name: str, engine: Engine, tell: Callable[[str], None] | None) -> Backend:
    try:
        if opener == _STRUCTBERT:
            return open_structbert(folder, name, engine, tell)
        if engine.engine not in {AUTO, "onnx"} or engine.precision not in {AUTO, "int8"}:
            raise ModelError(
                "M17",
                f"模型 {name} 是已编译的 ONNX int8 文件,不能用 {engine.engine} {engine.precision} 运行。",
                "请去掉 --engine 和 --precision。",
            )
        module, function = opener.split(":")
        backend: Backend = getattr(importlib.import_module(module), function)(folder, name)
    except ImportError as exc:
        package = (exc.name or opener).split(".")[0]
        wanted = "openvino==2026.4.1" if package == "openvino" else "-r requirements.txt"
        raise ModelError(
            "M11", f"模型 {name} 需要的组件 {package} 没有安装。", f"请运行:{python()} -m pip install {wanted}。"
        ) from exc
    return backend

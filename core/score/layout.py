"""The contents of a StructBERT folder, read without torch: relevant files, class names, the version."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from core.errors import ModelError
from core.score.base import digest

__all__ = ["WEIGHTS", "class_names", "read_json", "version_of", "weights_file"]

#: Files that determine a folder's probabilities, in the order in which the version is computed.
_FILES: Final = (
    "config.json", "configuration.json", "label_mapping.json", "vocab.txt", "tokenizer.json", "tokenizer_config.json",
)  # fmt: skip
WEIGHTS: Final = ("model.safetensors", "pytorch_model.bin")


def read_json(folder: Path, file: str, name: str) -> dict[str, Any]:
    """Return a JSON object from the folder.

    Args:
        folder: The model's folder.
        file: File name.
        name: The model's name, for the message.

    Raises:
        ModelError: M04 it is missing or not a JSON object.
    """
    path = folder / file
    if not path.is_file():
        raise ModelError(
            "M04", f"模型 {name} 的文件夹缺少 {file}:{folder}。", "请给出 StructBERT 格式的完整模型文件夹。"
        )
    try:
        value = json.loads(path.read_text("utf-8"))
    except ValueError as exc:
        raise ModelError("M04", f"模型 {name} 的 {file} 不是合法的 JSON。", "请重新获取模型。") from exc
    if not isinstance(value, dict):
        raise ModelError("M04", f"模型 {name} 的 {file} 不是 JSON 对象。", "请重新获取模型。")
    return value


def weights_file(folder: Path, name: str) -> Path:
    """Return the weights file.

    Raises:
        ModelError: M04 there is none.
    """
    for file in WEIGHTS:
        if (folder / file).is_file():
            return folder / file
    raise ModelError(
        "M04",
        f"模型 {name} 的文件夹缺少权重({' 或 '.join(WEIGHTS)}):{folder}。",
        "请给出 StructBERT 格式的完整模型文件夹。",
    )


def version_of(folder: Path, name: str) -> str:
    """Return the version of a folder: a digest of its weights and all files that determine its probabilities.

    Raises:
        ModelError: M04 there are no weights.
    """
    return digest([weights_file(folder, name), *(folder / f for f in _FILES if (folder / f).is_file())])


def class_names(folder: Path, classes: int, name: str) -> tuple[str, ...]:
    """Return the class names in output order, from the files that modelscope reads, with the same precedence.

    Args:
        folder: The model's folder.
        classes: Number of outputs.
        name: The model's name, for the message.

    Raises:
        ModelError: M04 one of the files is not a JSON object.
    """
    mapping, configuration, config = (
        read_json(folder, file, name) if (folder / file).is_file() else {}
        for file in ("label_mapping.json", "configuration.json", "config.json")
    )
    sections = [configuration.get(part, {}) for part in ("model", "preprocessor")] + [config]
    candidates = [mapping] + [
        s.get("label2id") or {v: k for k, v in (s.get("id2label") or {}).items()} for s in sections
    ]
    for candidate in candidates:
        try:
            names = {int(number): str(label) for label, number in candidate.items()}
        except (TypeError, ValueError):
            continue
        if sorted(names) == list(range(classes)):
            return tuple(names[i] for i in range(classes))
    return tuple(map(str, range(classes)))

"""Codes are stable, registered, used and unique in meaning."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path

from core import errors
from core.errors import CODES, TingfengError

ROOT = Path(__file__).resolve().parents[1]
CLASSES = {name for name, value in vars(errors).items() if inspect.isclass(value) and issubclass(value, TingfengError)}


def raised_codes() -> dict[str, set[str]]:
    """Map every code that stands as first argument of an error class to the files that use it."""
    found: dict[str, set[str]] = {}
    for path in [ROOT / "Home.py", *(ROOT / "core").rglob("*.py"), *(ROOT / "pages").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            first = node.args[0]
            if name in CLASSES and isinstance(first, ast.Constant) and isinstance(first.value, str):
                found.setdefault(first.value, set()).add(path.relative_to(ROOT).as_posix())
    return found


def test_every_raised_code_is_registered() -> None:
    assert set(raised_codes()) <= set(CODES)


def test_every_registered_code_is_raised_somewhere() -> None:
    assert set(CODES) <= set(raised_codes())


def test_every_exported_name_is_an_error_class_or_the_table() -> None:
    assert sorted(errors.__all__) == sorted(CLASSES | {"CODES"})


def test_an_error_shows_code_message_and_hint() -> None:
    error = TingfengError("R01", "找不到文件:a.csv。", "请检查路径。")
    assert str(error) == "[R01] 找不到文件:a.csv。请检查路径。"
    assert (error.code, error.message, error.hint) == ("R01", "找不到文件:a.csv。", "请检查路径。")

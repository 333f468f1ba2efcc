"""The import rules of the house, held by walking the AST of every module.

The rules stand in CONTRIBUTING.md ("Who may import whom"). An import inside a function counts like one at the
top, except where a rule is about what loads when ``import core`` runs.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
GROUND = {"prefetch", "errors", "settings", "schema", "results", "files", "invocation", "metrics", "gold_labels"}
STAGES = {"read", "clean", "score", "store", "mine", "analyse", "chart", "export"}
JOINTS = {"jobs", "derive", "check", "commands", "__init__", "__main__"}
#: Top-level modules of heavy packages and the only places that may name them.
OWNERS = {
    "streamlit": ("Home.py", "pages/"),
    "torch": ("core/score/structbert.py", "core/train/"),
    "modelscope": ("core/score/structbert.py", "core/train/"),
    "transformers": ("core/score/structbert.py",),
    "onnx": ("core/score/graph.py", "core/train/"),
    "onnxruntime": ("core/score/onnx.py", "core/train/"),
    "sqlite3": ("core/store/",),
    "duckdb": ("core/store/",),
    "python_calamine": ("core/read/",),
    "fastapi": ("core/api/",),
    "prometheus_client": ("core/api/",),
}
LAZY = {"torch", "modelscope", "transformers", "onnx", "onnxruntime", "pandas"} | {
    "duckdb",
    "streamlit",
    "jieba",
    "pyarrow",
}


def modules() -> list[Path]:
    found = [ROOT / "Home.py", *(ROOT / "core").rglob("*.py"), *(ROOT / "pages").rglob("*.py")]
    return [p for p in found if p.is_file()]


def imports(path: Path) -> Iterator[str]:
    """Yield the absolute dotted name of everything a module imports."""
    package = path.relative_to(ROOT).with_suffix("").parts
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level] if node.level else ()
            prefix = ".".join((*base, *((node.module or "").split(".") if node.module else ())))
            yield prefix
            yield from (f"{prefix}.{alias.name}" for alias in node.names)


def room(path: Path) -> str:
    """Return the room of core a module belongs to: its folder, or its own name at the top."""
    inside = path.relative_to(ROOT / "core").parts
    return inside[0].removesuffix(".py")


def core_rooms(path: Path) -> set[str]:
    """Return the rooms of core that a module imports."""
    known = GROUND | STAGES | JOINTS | {"api", "train"}
    return {name.split(".")[1] for name in imports(path) if name.startswith("core.")} & known


CORE = [p for p in modules() if ROOT / "core" in p.parents]


def _id(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", [p for p in CORE if room(p) in GROUND], ids=_id)
def test_the_ground_imports_only_the_ground(path: Path) -> None:
    assert core_rooms(path) <= GROUND


@pytest.mark.parametrize("path", [p for p in CORE if room(p) in STAGES], ids=_id)
def test_a_stage_imports_itself_and_the_ground_but_no_other_stage(path: Path) -> None:
    assert core_rooms(path) <= GROUND | {room(path)}


@pytest.mark.parametrize("path", [p for p in CORE if room(p) not in {"api", "train", *JOINTS}], ids=_id)
def test_nothing_in_core_but_the_joints_imports_pages_api_or_train(path: Path) -> None:
    names = set(imports(path))
    assert not core_rooms(path) & {"api", "train"}
    assert not any(name.split(".")[0] in {"pages", "Home"} for name in names)


@pytest.mark.parametrize("path", modules(), ids=_id)
def test_a_heavy_package_is_named_only_in_its_own_room(path: Path) -> None:
    place = _id(path)
    for name in {name.split(".")[0] for name in imports(path)} & OWNERS.keys():
        assert place.startswith(OWNERS[name]), f"{place} may not import {name}; it lives in {OWNERS[name]}"


def test_every_room_of_a_heavy_package_exists_and_uses_it() -> None:
    used = {(_id(path), name.split(".")[0]) for path in modules() for name in imports(path)}
    rights = [(room, package) for package, rooms in OWNERS.items() for room in rooms]
    assert [
        (room, package)
        for room, package in rights
        if not any(place.startswith(room) and name == package for place, name in used)
    ] == []


def test_importing_core_loads_no_heavy_package() -> None:
    code = "import sys, core; print(' '.join(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert not LAZY & set(loaded.stdout.split())


def test_a_page_defines_no_class_and_asks_no_database() -> None:
    for path in (ROOT / "pages").rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        assert not [n for n in ast.walk(tree) if isinstance(n, ast.ClassDef)], f"{_id(path)}: logic belongs in core"
        assert "SELECT " not in path.read_text(encoding="utf-8"), f"{_id(path)}: queries belong in core/analyse"

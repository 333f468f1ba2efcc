"""Everything imported is pinned, and everything pinned is what is installed."""

from __future__ import annotations

import ast
import importlib.metadata
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
OWN = {"core", "pages", "Home", "tests", "bench"}


def pins(name: str) -> dict[str, str]:
    """Return {canonical name: version} of one requirements file."""
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    found = [line.split("==", 1) for line in lines if "==" in line and not line.startswith("#")]
    return {canonical(package): version.partition(";")[0].strip() for package, version in found}


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).strip().lower()


def imported(*places: str) -> set[str]:
    """Return the distributions that the modules under some places import."""
    owners = importlib.metadata.packages_distributions()
    names: set[str] = set()
    for place in places:
        path = ROOT / place
        for module in [path] if path.is_file() else path.rglob("*.py"):
            for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Import):
                    names |= {alias.name.split(".")[0] for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                    names.add(node.module.split(".")[0])
    foreign = names - set(sys.stdlib_module_names) - OWN - {"__future__"}
    return {canonical(owners[name][0]) if name in owners else name for name in foreign}


def test_what_the_product_imports_is_pinned_in_requirements() -> None:
    product = imported(
        "Home.py", "pages", *(p.relative_to(ROOT).as_posix() for p in (ROOT / "core").iterdir() if p.name != "train")
    )
    assert product <= set(pins("requirements.txt"))


def test_what_tests_training_and_benchmarks_import_is_pinned_too() -> None:
    assert imported("tests", "bench", "core/train") <= set(pins("requirements.txt")) | set(pins("requirements-dev.txt"))


def test_every_pin_is_the_version_that_is_installed() -> None:
    for name, version in (pins("requirements.txt") | pins("requirements-dev.txt")).items():
        assert importlib.metadata.version(name).split("+")[0] == version, name


def test_torch_stands_where_the_makefile_looks_for_it() -> None:
    # by this line alone make asks for torch without CUDA; where it finds none, the next line of pip pulls any
    pinned = re.findall(r"^torch==\S+$", (ROOT / "requirements.txt").read_text(encoding="utf-8"), re.M)
    assert len(pinned) == 1
    assert "grep '^torch=='" in (ROOT / "Makefile").read_text(encoding="utf-8")

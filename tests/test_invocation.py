"""Sentences that tell a person to call this program name the very Python that runs it."""

from __future__ import annotations

import ast
import os
import re
import sys
from pathlib import Path

import pytest

from core.commands import main
from core.invocation import command, python

ROOT = Path(__file__).resolve().parents[1]


def _named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.skipif(os.name == "nt", reason="paths of POSIX")
def test_a_python_below_the_working_directory_is_named_by_the_way_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "executable", str(tmp_path / ".venv" / "bin" / "python"))
    assert command("serve") == ".venv/bin/python -m core serve"
    monkeypatch.setattr(sys, "executable", str(tmp_path / "my env" / "bin" / "python"))
    assert python() == "'my env/bin/python'"


@pytest.mark.parametrize("executable", ["/usr/bin/python3", "", None])
def test_a_python_elsewhere_is_named_plainly_and_its_folder_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, executable: str | None
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "executable", executable)
    assert command("jobs") == "python -m core jobs"


@pytest.mark.usefixtures("own_data_folder")
def test_a_list_without_jobs_says_how_to_begin_as_this_process_was_called(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "executable", str(Path.cwd() / ".venv" / "bin" / "python"))
    assert main(["jobs"]) == 0
    assert f"用 {command('label 文件 -o 结果.csv')} 开始一个" in capsys.readouterr().out
    assert python() != "python"


@pytest.mark.parametrize("path", [*ROOT.glob("core/**/*.py"), *ROOT.glob("pages/**/*.py")], ids=_named)
def test_no_chinese_sentence_writes_by_hand_how_this_program_is_called(path: Path) -> None:
    texts = [node.value for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Constant)]
    said = [text for text in texts if isinstance(text, str) and re.search(r"[\u4e00-\u9fff]", text)]
    assert not [text for text in said if re.search(r"python3? -m|(?<!-m )pip install", text)]

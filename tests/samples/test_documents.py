"""What the documents name exists: commands, options, pages, settings, folders, files, dependencies."""

from __future__ import annotations

import ast
import re
import tomllib
from importlib import import_module
from pathlib import Path

import pytest

from core.commands import COMMANDS
from core.commands.console import Parser
from core.settings import describe

ROOT = Path(__file__).resolve().parents[2]
READMES = ("README.md", "README.zh-CN.md")
COMMAND_PAGES = ("docs/commands.md", "docs/commands.zh-CN.md")
DOCUMENTS = (
    *READMES,
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "data/samples/README.md",
    *sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "docs").rglob("*.md")),
)
#: Variables that are read besides the settings themselves: by core/settings.py, and by training.
EXTRA_VARIABLES = {"TINGFENG_CONFIG", "TINGFENG_TRAIN_DIR", "TINGFENG_TRAIN_DATA", "TINGFENG_MODEL_DIR"}


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def code_of(name: str) -> str:
    """Return what stands in backticks or code blocks of a document, one piece a line."""
    text = text_of(name)
    blocks = re.findall(r"^```.*?$(.*?)^```", text, re.S | re.M)
    spans = re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", text, flags=re.S | re.M))
    return "\n".join([*blocks, *spans])


def help_of(command: str) -> str:
    parser = Parser(prog=command)
    import_module(f"core.commands.{command}").add(parser)
    below = [one for action in parser._actions if isinstance(action.choices, dict) for one in action.choices.values()]
    return "\n".join(one.format_help() for one in (parser, *below))


def command_rows(page: str) -> dict[str, str]:
    """Return the commands of a page's command table with all that their rows say of each."""
    rows: dict[str, str] = {}
    for name, row in re.findall(r"^\| `([a-z]+)\b(.*)$", text_of(page), re.M):
        rows[name] = rows.get(name, "") + row.replace("\\|", "|")
    return rows


def titled_pages() -> dict[str, str]:
    """Return the file and the Chinese title of every page in the menu, read from the code of pages/."""
    for path in sorted((ROOT / "pages").rglob("*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == "PAGES" for t in node.targets):
                return {row[0]: row[1] for row in ast.literal_eval(node.value)}
    raise AssertionError("no PAGES in pages/")


def requirements(name: str) -> set[str]:
    lines = [line.split("#")[0].strip() for line in text_of(name).splitlines()]
    return {re.split(r"[=<>\[;]", line)[0].lower() for line in lines if line and not line.startswith("-")}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_make_target_named_exists(name: str) -> None:
    targets = set(re.findall(r"^([a-z-]+):", text_of("Makefile"), re.M))
    assert set(re.findall(r"\bmake ([a-z-]+)\b", code_of(name))) <= targets


@pytest.mark.parametrize("page", COMMAND_PAGES)
def test_the_command_table_lists_exactly_the_commands_there_are(page: str) -> None:
    assert set(command_rows(page)) == set(COMMANDS)


@pytest.mark.parametrize("page", COMMAND_PAGES)
@pytest.mark.parametrize("command", sorted(set(COMMANDS) - {"train"}))
def test_every_option_in_the_command_table_is_taken(page: str, command: str) -> None:
    named = re.findall(r"(?<![\w-])--?[a-z][a-z-]*", command_rows(page)[command])
    taken = re.findall(r"(?<![\w-])--?[a-z][a-z-]*", help_of(command))
    assert set(named) <= set(taken)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_core_command_in_an_example_exists(name: str) -> None:
    used = set(re.findall(r"python -m core ([a-z]+)", code_of(name)))
    assert used <= set(COMMANDS)


@pytest.mark.parametrize("name", sorted(set(DOCUMENTS) - {"CHANGELOG.md"}))
def test_a_command_to_copy_names_the_python_that_has_the_packages(name: str) -> None:
    shown = re.sub("<!--.*?-->", "", text_of(name), flags=re.S)
    bare = re.findall(r"(?<![/\\\w])python3? (?:-m|[\w/]+\.py).*", shown)
    assert bare == []


@pytest.mark.parametrize("readme", READMES)
def test_the_page_table_lists_exactly_the_pages_in_the_menu(readme: str) -> None:
    rows = re.findall(r"^\| (\S+) \| `pages/(\w+\.py)` \|", text_of(readme), re.M)
    assert {file: title for title, file in rows} == titled_pages()


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_environment_variable_named_is_a_setting(name: str) -> None:
    known = {setting for setting, *_ in describe()} | EXTRA_VARIABLES
    assert set(re.findall(r"TINGFENG_[A-Z0-9_]+", text_of(name))) <= known


@pytest.mark.parametrize("name", [*READMES, "CONTRIBUTING.md"])
def test_the_map_shows_every_folder_of_core(name: str) -> None:
    folders = {path.parent.name for path in (ROOT / "core").glob("*/__init__.py")}
    assert {folder for folder in folders if f"core/{folder}/" not in text_of(name)} == set()


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_link_leads_to_a_file_or_a_heading(name: str) -> None:
    broken = set()
    for target in re.findall(r"\]\(([^)\s]+)\)", text_of(name)):
        path, _, anchor = target.partition("#")
        if path.startswith("http"):
            continue
        file = (ROOT / name).parent / path if path else ROOT / name
        if not file.exists() or (anchor and anchor not in headings(file)):
            broken.add(target)
    assert broken == set()


def headings(file: Path) -> set[str]:
    """Return the anchors GitHub makes of a document's headings."""
    titles = re.findall(r"^#+ (.+)$", file.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_path_in_the_code_spans_exists(name: str) -> None:
    roots = r"(?:core|pages|tests|docs|data|bench|\.streamlit|\.ci)/[\w./-]*[\w/]"
    named = {path.rstrip("/") for path in re.findall(rf"(?<![\w/.]){roots}", code_of(name))}
    new = {path for path in named if "your_" in path}  # where a recipe says what to add
    assert {path for path in named - new if not (ROOT / path).exists()} == set()


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_contributing_says_why_each_dependency_is_here(name: str) -> None:
    rows = re.findall(r"^\| ([^|]+) \|", text_of("CONTRIBUTING.md").split("## Why each dependency")[1], re.M)
    explained = {package.lower() for row in rows for package in re.findall(r"`([^`]+)`", row)}
    assert requirements(name) - explained == set()


def test_contributing_explains_no_dependency_that_is_gone() -> None:
    rows = re.findall(r"^\| ([^|]+) \|", text_of("CONTRIBUTING.md").split("## Why each dependency")[1], re.M)
    explained = {package.lower() for row in rows for package in re.findall(r"`([^`]+)`", row)}
    assert explained - requirements("requirements.txt") - requirements("requirements-dev.txt") == set()


def test_change_one_thing_names_what_stands_in_the_file_beside_it() -> None:
    rows = re.findall(r"^\|[^|]+\| `([^`]+)` \|([^|]*)\|$", text_of("docs/change_one_thing.md"), re.M)
    missing = {
        f"{path}: {name}"
        for path, names in rows
        for name in re.findall(r"`([^`]+)`", names)
        if name not in text_of(path)
    }
    assert len(rows) >= 20
    assert missing == set()


@pytest.mark.parametrize("readme", READMES)
def test_the_windows_commands_are_those_of_the_makefile(readme: str) -> None:
    makefile, windows = text_of("Makefile"), text_of(readme)
    for requirement_file in ("requirements.txt", "requirements-dev.txt"):
        assert f"install -r {requirement_file}" in windows
        assert f"-r {requirement_file}" in makefile
    assert "-m core serve" in makefile
    assert r".venv\Scripts\python -m core serve" in windows


def test_the_changelog_starts_with_the_version_of_the_project() -> None:
    version = tomllib.loads(text_of("pyproject.toml"))["project"]["version"]
    found = re.search(r"^## \[(\d[^\]]*)\] - \d{4}-\d{2}-\d{2}$", text_of("CHANGELOG.md"), re.M)
    assert found is not None
    assert found.group(1) == version

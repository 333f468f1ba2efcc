"""Settings of the training steps: one frozen dataclass per step; a TOML file may override any field."""

from __future__ import annotations

import argparse
import dataclasses
import logging
import os
import tomllib
from pathlib import Path
from typing import Any, TypeVar

from core.invocation import command

T = TypeVar("T")
LOG = logging.getLogger("tingfeng.train")
#: The default shipped model; the others are in sibling folders.
BUILTIN = "builtin"


def work_dir() -> Path:
    """Return the folder for everything large and resumable (``TINGFENG_TRAIN_DIR``, default ``~/tingfeng-train``)."""
    path = Path(os.environ.get("TINGFENG_TRAIN_DIR", "~/tingfeng-train")).expanduser()
    path.mkdir(parents=True, exist_ok=True)
    return path


def data_dir() -> Path:
    """Return the folder with ``labelled/`` and ``corpus/`` (``TINGFENG_TRAIN_DATA``, default ``../shared/data``)."""
    return Path(os.environ.get("TINGFENG_TRAIN_DATA", "../shared/data"))


def labelled_dir() -> Path:
    """Return the folder of the labelled sets."""
    return data_dir() / "labelled"


def model_dir(model: str = BUILTIN) -> Path:
    """Return the folder a shipped model is written to (``TINGFENG_MODEL_DIR`` names another)."""
    return Path(os.environ.get("TINGFENG_MODEL_DIR", Path(__file__).parents[1] / "score" / "weights" / model))


def facts_path(step: str, model: str = BUILTIN, split: str = "") -> Path:
    """Return the file in the work folder with a step's results on a shipped model.

    Example:
        >>> facts_path("mix").name, facts_path("evaluate", "tiny", "dev").name
        ('mix.json', 'evaluate.tiny.dev.json')
    """
    own = "" if model == BUILTIN else model
    return work_dir() / ".".join(part for part in (step, own, split, "json") if part)


def parse(cls: type[T], step: str, argv: list[str]) -> T:
    """Build a step's settings from ``--config FILE.toml`` and ``--field value`` options.

    Args:
        cls: The dataclass with one default per field.
        step: Name of the step; its TOML table is read if the file has one.
        argv: Command-line words after the step's name.

    Returns:
        An instance of ``cls``; the command line overrides the file, the file overrides the defaults.
    """
    parser = argparse.ArgumentParser(prog=command(f"train {step}"))
    parser.add_argument("--config", type=Path, help="TOML file")
    fields = {field.name: field for field in dataclasses.fields(cls)}  # type: ignore[arg-type]
    for name, field in fields.items():
        parser.add_argument(f"--{name.replace('_', '-')}", default=None, help=f"default {field.default!r}")
    given = vars(parser.parse_args(argv))
    values: dict[str, Any] = {}
    if given["config"]:
        table = tomllib.loads(given["config"].read_text("utf-8"))
        values |= {name: value for name, value in table.get(step, table).items() if name in fields}
    for name, field in fields.items():
        if given[name] is not None:
            values[name] = _convert(given[name], field.default)
    return cls(**values)


def _convert(word: str, default: object) -> object:
    """Parse one command-line word as the type of the field's default."""
    if isinstance(default, bool):
        return word.lower() in {"1", "true", "yes"}
    if isinstance(default, (int, float)):
        return type(default)(word)
    return word


def start_logging() -> None:
    """Send the training log to stderr with timestamps, one line per event."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")

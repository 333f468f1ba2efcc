"""``models``: list the models and whether they are ready."""

from __future__ import annotations

import argparse
from dataclasses import asdict

from core.commands import console
from core.score import models as listed

__all__ = ["add", "models"]


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument("--json", action="store_true", help="打印 JSON 数组")


def models(arguments: argparse.Namespace) -> int:
    """Write the list of models; returns the exit code."""
    found = listed()
    if arguments.json:
        console.say_json([asdict(model) for model in found])
        return 0
    for model in found:
        state = "可用" if model.ready else "未下载"
        console.say(f"{model.name}\t{state}\t{model.title}\t{'/'.join(model.labels)}\t{model.size_mb:,.0f} MB")
        console.say(f"    {model.note}{' 位置:' + model.location if model.location else ''}")
    return 0

"""Build, adapt and evaluate models: flat scripts, one resumable step each, imported only when its step runs."""

from __future__ import annotations

import importlib
import sys

from core.invocation import command

STEPS = (
    "restore",
    "vocab",
    "pack",
    "embed",
    "pretrain",
    "wide",
    "noise",
    "teach",
    "finetune",
    "soup",
    "holdout",
    "bundle",
    "elder",
    "sitting",
    "collect",
    "thin",
    "calibrate",
    "export",
    "evaluate",
    "baseline",
    "to_modelscope",
    "card",
    "dialogue",
)


def main(argv: list[str]) -> int:
    """Run one training step.

    Args:
        argv: The step's name, then its options (``--config FILE.toml``, ``--field value``).

    Returns:
        The step's exit code; 2 if there is no such step.
    """
    if not argv or argv[0] not in STEPS:
        sys.stderr.write(f"用法:{command('train')} {'|'.join(STEPS)} [--config 文件.toml]\n")
        return 2
    from core.train.config import start_logging

    start_logging()
    step = importlib.import_module(f"core.train.{argv[0]}")
    return int(step.main(argv[1:]))

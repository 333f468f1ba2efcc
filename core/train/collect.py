"""Take home what a ``sitting`` on another machine made: checkpoints, and what its teachers said as a lesson."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from core.train import taught
from core.train.bundle import read_texts
from core.train.config import LOG, parse, work_dir
from core.train.net import shape_of
from core.train.packed import READ
from core.train.pretrain import save

State = dict[str, Tensor]
WORDS = "word_embeddings.weight"


@dataclass(frozen=True)
class CollectConfig:
    """Settings of ``collect``."""

    folder: str = "out"  # what came back
    names: str = "reader,pupil"  # checkpoints to write to the work folder, under these names
    lesson: str = ""  # folder in the work folder for what the teachers said; empty = not kept
    bundle: str = "bundle"  # folder in the work folder with the texts they were asked about


def split(state: State, folder: Path, name: str) -> None:
    """Write weights in half precision, the word embeddings in a file of their own: small files travel."""
    half = {n: v.half() if v.is_floating_point() else v for n, v in state.items()}
    torch.save({n: v for n, v in half.items() if n.endswith(WORDS)}, folder / f"{name}.words.pt")
    torch.save({n: v for n, v in half.items() if not n.endswith(WORDS)}, folder / f"{name}.rest.pt")


def join(folder: Path, name: str) -> State:
    """Read what `split` wrote, in full precision."""
    state: State = {}
    for part in ("words", "rest"):
        state |= torch.load(folder / f"{name}.{part}.pt", weights_only=True)
    return {n: v.float() if v.is_floating_point() else v for n, v in state.items()}


def main(argv: list[str]) -> int:
    """Write ``<name>.pt`` for every name, and the lesson where one is wanted."""
    config = parse(CollectConfig, "collect", argv)
    folder = Path(config.folder)
    for name in config.names.split(","):
        state = join(folder, name)
        save(work_dir() / f"{name}.pt", {"model": state, "ema": state, "config": {"length": READ}})
        LOG.info("collect: %s, %d layers", name, shape_of(state).layers)
    if (folder / "sitting.json").exists():
        shutil.copy(folder / "sitting.json", work_dir() / "sitting.json")
    if config.lesson:
        corpus, said = read_texts(work_dir() / config.bundle, "corpus"), np.load(folder / "said.npz")
        asked = corpus.take(said["rows"])
        encoded = [asked.ids[low:high].tolist() for low, high in pairwise(asked.starts)]
        taught.write(
            config.lesson, 0, taught.Lesson(encoded, np.exp(said["corpus"].astype(np.float32)).astype(np.float16))
        )
        LOG.info("collect: %d taught texts", len(encoded))
    return 0

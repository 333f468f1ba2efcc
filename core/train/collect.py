"""Import the results of a ``sitting`` on another machine: checkpoints, and its teachers' outputs as a lesson."""

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
#: Bytes of weights per file; the transfer limit is 16 MiB.
PIECE = 15 * 2**20
STEP = "|step"


@dataclass(frozen=True)
class CollectConfig:
    """Settings of ``collect``."""

    folder: str = "out"  # the returned folder
    names: str = "reader,pupil"  # checkpoints to write to the work folder, under these names
    lesson: str = ""  # folder in the work folder for the teachers' outputs; empty = not kept
    bundle: str = "bundle"  # folder in the work folder with the texts they labelled


def small(state: State, rounded: bool) -> State:
    """Return weights in half precision; optionally round matrices to int8 with one scale per row."""
    made: State = {}
    for name, value in state.items():
        if rounded and value.ndim == 2:
            step = value.abs().amax(1, keepdim=True).clamp_min(1e-12) / 127
            made |= {name: (value / step).round().to(torch.int8), name + STEP: step.float()}
        else:
            made[name] = value.half() if value.is_floating_point() else value
    return made


def split(state: State, folder: Path, name: str, rounded: bool = False) -> None:
    """Write weights in files of at most `PIECE` bytes.

    Args:
        state: The weights; none is larger than a file.
        folder: Destination.
        name: Stem of the files.
        rounded: int8 rather than half precision; harmless for a model that is only pretrained further.
    """
    pieces: list[State] = [{}]
    room = PIECE
    for key, value in small(state, rounded).items():
        if value.nbytes > room:
            pieces.append({})
            room = PIECE
        pieces[-1][key] = value.clone()
        room -= value.nbytes
    for number, piece in enumerate(pieces):
        torch.save(piece, folder / f"{name}.{number}.pt")


def join(folder: Path, name: str) -> State:
    """Read what `split` wrote, in full precision; empty if there is no such file."""
    state: State = {}
    for path in sorted(folder.glob(f"{name}.*.pt")):
        state |= torch.load(path, weights_only=True)
    steps = {key.removesuffix(STEP): state.pop(key) for key in list(state) if key.endswith(STEP)}
    full = {key: value.float() if value.is_floating_point() or key in steps else value for key, value in state.items()}
    return full | {key: full[key] * step for key, step in steps.items()}


def main(argv: list[str]) -> int:
    """Write ``<name>.pt`` for every name, and the lesson if requested."""
    config = parse(CollectConfig, "collect", argv)
    folder = Path(config.folder)
    brought = {name: state for name in config.names.split(",") if (state := join(folder, name))}
    if not brought:
        raise ValueError(f"nothing of {config.names} in {folder}")
    for name, state in brought.items():
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

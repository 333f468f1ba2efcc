"""Teacher outputs on unlabelled texts: token ids and probabilities, written in parts and read as one lesson."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.train.config import work_dir

SEP = 3


@dataclass(frozen=True)
class Lesson:
    """Texts as token ids with [CLS] and [SEP], and the probabilities of all heads, shape (texts, 13), float16."""

    encoded: list[list[int]]
    p: NDArray[np.float16]


def folder(name: str) -> Path:
    """Return the folder of a lesson in the work folder."""
    path = work_dir() / name
    path.mkdir(exist_ok=True)
    return path


def parts(name: str) -> list[Path]:
    """Return the finished parts of a lesson."""
    return sorted(folder(name).glob("part-*.npz"))


def write(name: str, number: int, lesson: Lesson) -> None:
    """Write one part atomically."""
    path = folder(name) / f"part-{number:05d}.npz"
    ids = np.concatenate([np.zeros(0, np.uint16), *(np.array(e, np.uint16) for e in lesson.encoded)])
    ends = np.cumsum([len(e) for e in lesson.encoded], dtype=np.int64)
    # The temporary name must end in .npz, or numpy appends it, and must not match "part-*".
    fresh = path.with_name(f"new-{path.name}")
    np.savez_compressed(fresh, ids=ids, ends=ends, p=lesson.p)
    fresh.replace(path)


def read(name: str, max_length: int) -> Lesson:
    """Read all parts of a lesson, truncating texts to ``max_length`` tokens.

    Raises:
        ValueError: There are no parts yet.
    """
    encoded: list[list[int]] = []
    p = []
    for path in parts(name):
        stored = np.load(path)
        ids, ends = stored["ids"].tolist(), stored["ends"].tolist()
        texts = [ids[start:end] for start, end in zip([0, *ends[:-1]], ends, strict=True)]
        encoded += [one if len(one) <= max_length else [*one[: max_length - 1], SEP] for one in texts]
        p.append(stored["p"])
    if not p:
        raise ValueError(f"no lesson in {folder(name)}")
    return Lesson(encoded, np.concatenate(p))

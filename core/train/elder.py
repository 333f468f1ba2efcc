"""The shipped model's outputs on a bundle's texts: an additional, different teacher for the next sitting.

It knows what its wide part and its own teachers knew; the other machine cannot run it, having only torch and numpy.
An interrupted run resumes where it stopped.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.train.bundle import read_texts, write_elder
from core.train.config import BUILTIN, LOG, model_dir, parse, work_dir
from core.train.packed import Texts


@dataclass(frozen=True)
class ElderConfig:
    """Settings of ``elder``."""

    bundle: str = "bundle"  # folder in the work folder, read and extended
    model: str = BUILTIN  # the shipped model to run
    part: int = 65_536  # texts per part


def parts(texts: Texts, part: int) -> list[Texts]:
    """Split texts into parts of a given size."""
    bounds = [*range(0, len(texts), part), len(texts)]
    return [texts.take(np.arange(low, high)) for low, high in pairwise(bounds)]


def main(argv: list[str]) -> int:
    """Write ``elder.npz`` into the bundle, and facts about it to the work folder."""
    from core.train import export

    config = parse(ElderConfig, "elder", argv)
    folder, kept = work_dir() / config.bundle, work_dir() / f"{config.bundle}.elder"
    kept.mkdir(exist_ok=True)
    shipped = model_dir(config.model)
    session = export.session_of((shipped / "model.onnx").read_bytes())

    def said(name: str, number: int, texts: Texts) -> NDArray[np.float16]:
        path = Path(kept / f"{name}.{number}.npy")
        if path.exists():
            return np.asarray(np.load(path))
        encoded = [texts.ids[low:high].tolist() for low, high in pairwise(texts.starts)]
        found = export.onnx_logp(session, encoded).astype(np.float16)
        np.save(path, found)
        LOG.info("elder: %s part %d, %d texts", name, number, len(texts))
        return found

    asked = {name: parts(read_texts(folder, name), config.part) for name in ("train", "dev", "own", "corpus")}
    voices = {name: np.concatenate([said(name, *one) for one in enumerate(some)]) for name, some in asked.items()}
    size = write_elder(folder, voices)
    version = json.loads((shipped / "labels.json").read_text("utf-8"))["version"]
    facts = {"config": asdict(config), "version": version, "bytes": size}
    facts |= {name: len(one) for name, one in voices.items()}
    (work_dir() / "elder.json").write_text(json.dumps(facts, indent=1), "utf-8")
    LOG.info("elder: %s", facts)
    return 0

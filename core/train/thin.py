"""Keep some layers of a trained encoder as the start of a smaller pupil, which then learns from the larger model.

A few layers of a trained encoder recover within minutes what the same layers at random weights need hours for.
Source: Sanh et al. 2019, DistilBERT; Sajjad et al. 2023, On the effect of dropping layers of pre-trained transformers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from core.train.config import LOG, parse, work_dir
from core.train.net import shape_of
from core.train.pretrain import save


@dataclass(frozen=True)
class ThinConfig:
    """Settings of ``thin``."""

    source: str = "pupil"  # checkpoint with the layers
    layers: str = "0,4"  # those to keep, in their new order
    name: str = "thin"


def thinned(state: dict[str, Tensor], keep: list[int]) -> dict[str, Tensor]:
    """Return the weights with only some of the encoder's layers, renumbered; the rest is unchanged.

    Raises:
        ValueError: A layer number does not exist.
    """
    if not keep or not set(keep) <= set(range(shape_of(state).layers)):
        raise ValueError(f"layers {keep} of {shape_of(state).layers}")
    made: dict[str, Any] = {}
    for name, value in state.items():
        layer = re.match(r"bert\.encoder\.layer\.(\d+)\.", name)
        if layer is None:
            made[name] = value
        for new, old in enumerate(keep):
            if layer is not None and int(layer[1]) == old:
                made[f"bert.encoder.layer.{new}.{name[layer.end() :]}"] = value
    return made


def main(argv: list[str]) -> int:
    """Write ``<name>.pt``."""
    config = parse(ThinConfig, "thin", argv)
    source = torch.load(work_dir() / f"{config.source}.pt", weights_only=True)
    state = thinned(source["ema"], [int(layer) for layer in config.layers.split(",")])
    # trained positions are those of the source
    save(work_dir() / f"{config.name}.pt", {"model": state, "ema": state, "config": {}})
    LOG.info("thin: layers %s of %s", config.layers, config.source)
    return 0

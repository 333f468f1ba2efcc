"""Keep some layers of a learned encoder: the start of a smaller pupil, which then learns from what the larger one says.

A few layers of a trained encoder learn again within minutes what the same layers at random weights need hours for.
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
    layers: str = "0,4"  # those to keep, in the order they are to have
    name: str = "thin"


def thinned(state: dict[str, Tensor], keep: list[int]) -> dict[str, Tensor]:
    """Return the weights with some of the encoder's layers only, numbered anew; all else as it is.

    Raises:
        ValueError: There is no layer of that number.
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
    # the positions are known as far as the source knew them
    save(work_dir() / f"{config.name}.pt", {"model": state, "ema": state, "config": {}})
    LOG.info("thin: layers %s of %s", config.layers, config.source)
    return 0

"""Average two fine-tuned checkpoints, the second of which continued from the first (a "model soup").

Source: Wortsman et al. 2022, Model soups; Wortsman et al. 2022, Robust fine-tuning of zero-shot models (WiSE-FT).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

from core.train.config import LOG, parse, work_dir
from core.train.net import PLACES, lengthened
from core.train.pretrain import save


@dataclass(frozen=True)
class SoupConfig:
    """Settings of ``soup``."""

    first: str = "finetune"
    second: str = "round2"
    share: float = 0.7  # weight of the second; chosen on dev
    name: str = "soup"


def main(argv: list[str]) -> int:
    """Write ``<name>.pt`` with the averaged weights interpolated between those of two checkpoints."""
    config = parse(SoupConfig, "soup", argv)
    first, second = (torch.load(work_dir() / f"{name}.pt", weights_only=True) for name in (config.first, config.second))
    rows = max(len(state["ema"][PLACES]) for state in (first, second))
    for state in (first, second):
        state["ema"][PLACES] = lengthened(state["ema"][PLACES], rows)
    mixed = {
        name: torch.lerp(first["ema"][name], value, config.share) if value.is_floating_point() else value
        for name, value in second["ema"].items()
    }
    facts = {name: second[name] for name in ("config", "step", "minutes", "epoch", "tokens")}
    save(work_dir() / f"{config.name}.pt", facts | {"ema": mixed, "model": mixed})
    LOG.info("soup: %.2f of %s, the rest of %s", config.share, config.second, config.first)
    return 0

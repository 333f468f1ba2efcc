"""What a reader of masked words is shown: windows of packed text, words hidden or moved, and who may look at whom.

All on the tensors' own device, with shapes that depend on the settings alone, so that nothing waits for a GPU's answer.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

PAD, UNK, CLS, SEP, MASK = range(5)
#: Tokens of a run whose order is shuffled (StructBERT's word order).
RUN = 3


class Riddle(NamedTuple):
    """Spoiled windows (n, length), the flat positions asked about and the words that stood there, shape (k,) each."""

    ids: Tensor
    where: Tensor
    words: Tensor


def window_start(tokens: int, span: int, seed: int, step: int) -> int:
    """Return where the windows of a step begin: epoch after epoch with another offset and order.

    Args:
        tokens: Tokens of the packed text.
        span: Tokens of a step.
        seed: Another one, another order.
        step: Number of the step.
    """
    per_epoch = tokens // span - 1
    epoch, index = divmod(step, per_epoch)
    rng = np.random.default_rng((seed, epoch))
    return int(rng.integers(0, span)) + int(rng.permutation(per_epoch)[index]) * span


def spoil(ids: Tensor, rng: torch.Generator, mask: float, shuffle: float, vocab: int) -> Riddle:
    """Hide words (80 % mask, 10 % another word, 10 % kept) and shuffle runs of three.

    Args:
        ids: Token ids, shape (n, length).
        rng: Random source on the same device.
        mask: Share of the words that are hidden or replaced.
        shuffle: Share of the words that stand in a shuffled run.
        vocab: Number of pieces.

    Returns:
        What is asked: always four fifths of the words that mask and shuffle touch on average.
    """
    flat = ids.reshape(-1)
    n, device = len(flat), ids.device

    def chance(*shape: int) -> Tensor:
        return torch.rand(shape, generator=rng, device=device)

    real = flat > MASK
    # Runs stand side by side: epochs begin at other offsets, so every neighbourhood is shuffled in its turn.
    runs = torch.arange(n - n % RUN, device=device).view(-1, RUN)
    moved = real[runs].all(1, keepdim=True) & (chance(len(runs), 1) < shuffle)
    turned = torch.take_along_dim(runs, chance(*runs.shape).argsort(1), 1)
    out = flat.clone()
    out[runs] = flat[torch.where(moved, turned, runs)]
    target = torch.zeros(n, dtype=torch.bool, device=device)
    target[runs] = moved.expand_as(runs)
    hidden = real & ~target & (chance(n) < mask)
    way = chance(n)
    other = torch.randint(MASK + 1, vocab, (n,), generator=rng, device=device)
    out = torch.where(hidden & (way < 0.8), MASK, torch.where(hidden & (way >= 0.9), other, out))
    # A fixed count keeps compiled shapes fixed: of the touched words as many as chance allows, in random order.
    where = ((target | hidden) + chance(n)).topk(int(n * (mask + shuffle) * 0.8)).indices
    return Riddle(out.view_as(ids), where, flat[where])


def layout(ids: Tensor) -> tuple[Tensor, Tensor]:
    """Return positions counted from each text's [CLS] and the mask of who sees whom (n, 1, length, length).

    Words see those of their own text alone; what pads a window sees only what pads it.
    """
    first = ids == CLS
    text = torch.where(ids == PAD, -1, first.cumsum(1))
    at = torch.arange(ids.shape[1], device=ids.device).expand_as(ids)
    begin = torch.where(first, at, 0).cummax(1).values
    return at - begin, text[:, None, :, None] == text[:, None, None, :]

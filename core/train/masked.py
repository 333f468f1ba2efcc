"""Input of masked-word pretraining: windows of packed text, masked or shuffled words, and the attention mask.

Everything is on the tensors' own device, with shapes fixed by the settings, so that nothing synchronises with a GPU.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

PAD, UNK, CLS, SEP, MASK = range(5)
#: Length of a shuffled run of tokens (StructBERT's word order).
RUN = 3


class MaskedBatch(NamedTuple):
    """Corrupted windows (n, length), the flat positions to predict and their original words, shape (k,) each."""

    ids: Tensor
    where: Tensor
    words: Tensor


def window_start(tokens: int, span: int, seed: int, step: int) -> int:
    """Return where the windows of a step begin; the offset and order change with the epoch.

    Args:
        tokens: Tokens of the packed text.
        span: Tokens of a step.
        seed: Determines offsets and order.
        step: Number of the step.

    Raises:
        ValueError: The text is shorter than two steps.
    """
    per_epoch = tokens // span - 1
    if per_epoch < 1:
        raise ValueError(f"{tokens} tokens are too few for steps of {span}: use more text or fewer windows")
    epoch, index = divmod(step, per_epoch)
    rng = np.random.default_rng((seed, epoch))
    return int(rng.integers(0, span)) + int(rng.permutation(per_epoch)[index]) * span


def mask_tokens(ids: Tensor, rng: torch.Generator, mask: float, shuffle: float, vocab: int) -> MaskedBatch:
    """Mask words (80 % mask, 10 % another word, 10 % kept) and shuffle runs of three.

    Args:
        ids: Token ids, shape (n, length).
        rng: Random generator on the same device.
        mask: Share of the words that are masked or replaced.
        shuffle: Share of the words in a shuffled run.
        vocab: Number of pieces.

    Returns:
        The prediction task: always four fifths of the expected number of words that mask and shuffle touch.
    """
    flat = ids.reshape(-1)
    n, device = len(flat), ids.device

    def chance(*shape: int) -> Tensor:
        return torch.rand(shape, generator=rng, device=device)

    real = flat > MASK
    # Runs are aligned; epochs begin at other offsets, so every neighbourhood is eventually shuffled.
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
    # A fixed count keeps compiled shapes fixed; touched positions come first, in random order.
    where = ((target | hidden) + chance(n)).topk(int(n * (mask + shuffle) * 0.8)).indices
    return MaskedBatch(out.view_as(ids), where, flat[where])


def layout(ids: Tensor) -> tuple[Tensor, Tensor]:
    """Return positions counted from each text's [CLS] and the attention mask (n, 1, length, length).

    Words attend only within their own text; padding attends only to padding.
    """
    first = ids == CLS
    text = torch.where(ids == PAD, -1, first.cumsum(1))
    at = torch.arange(ids.shape[1], device=ids.device).expand_as(ids)
    begin = torch.where(first, at, 0).cummax(1).values
    return at - begin, text[:, None, :, None] == text[:, None, None, :]

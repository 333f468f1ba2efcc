"""Data parallelism over one-thread processes: on a busy machine much faster than threads waiting for each other.

Start with ``python -m torch.distributed.run --nproc_per_node 2 -m core.train STEP``; with one process it does nothing.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from typing import TypeVar

import torch
import torch.distributed as dist
from torch import nn

T = TypeVar("T")
# A run may be paused for a benchmark and resumed: up to a day, waiting for the others is not a failure.
PATIENCE = timedelta(days=1)


class Ranks:
    """This process among its peers."""

    def __init__(self) -> None:
        self.size = int(os.environ.get("WORLD_SIZE", "1"))
        self.rank = int(os.environ.get("RANK", "0"))
        if self.size > 1:
            dist.init_process_group("gloo", timeout=PATIENCE)

    def wait(self) -> None:
        """Wait until all ranks are here."""
        if self.size > 1:
            dist.barrier()

    def mine(self, items: Iterator[T]) -> Iterator[T]:
        """Yield every size-th item; all ranks get equally many."""
        while len(group := list(islice(items, self.size))) == self.size:
            yield group[self.rank]

    def average(self, model: nn.Module, *extra: float) -> list[float]:
        """Average the gradients over all ranks in place, together with a few numbers.

        Args:
            model: Its gradients are replaced by the mean.
            extra: Numbers such as the loss or the minutes used.

        Returns:
            The mean of each number.
        """
        if self.size == 1:
            return list(extra)
        grads = [p.grad for p in model.parameters() if p.grad is not None]
        flat = torch.cat([g.flatten() for g in grads] + [torch.tensor(extra)])
        dist.all_reduce(flat)
        flat /= self.size
        start = 0
        for grad in grads:
            grad.copy_(flat[start : start + grad.numel()].view_as(grad))
            start += grad.numel()
        return flat[start:].tolist()

"""The device of a sitting, its precision, and one optimisation step."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from typing import Any

import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from core.train.net import Classifier, Layer, Pretrainer

DEVICE = "cuda" if torch.cuda.is_available() else "cpu"


def precise() -> contextlib.AbstractContextManager[Any]:
    """Return the precision of all stages: bf16 where it is fast, float32 weights."""
    return torch.autocast(DEVICE, torch.bfloat16)


def adam(parameters: Iterable[nn.Parameter], rate: float, decay: float) -> torch.optim.AdamW:
    """Return AdamW, without decay on biases and norms."""
    every = list(parameters)
    groups = [
        {"params": [p for p in every if p.ndim == 2], "weight_decay": decay},
        {"params": [p for p in every if p.ndim < 2], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=rate, betas=(0.9, 0.98), eps=1e-6, fused=True)


class Averaged:
    """A running mean of a model's weights."""

    def __init__(self, model: nn.Module, keep: float) -> None:
        self.keep, self.live = keep, model.state_dict()
        self.mean = {name: value.detach().clone() for name, value in self.live.items()}
        self.steps = 0

    def note(self) -> None:
        """Update the mean with the current weights."""
        self.steps += 1
        keep = min(self.keep, (1 + self.steps) / (10 + self.steps))
        with torch.no_grad():
            torch._foreach_lerp_([self.mean[name] for name in self.live], list(self.live.values()), 1 - keep)

    def settle(self) -> None:
        """Copy the mean into the model."""
        with torch.no_grad():
            torch._foreach_copy_(list(self.live.values()), [self.mean[name] for name in self.live])


def layers_of(model: Pretrainer | Classifier) -> list[Layer]:
    """Return the encoder's layers."""
    layers: Any = model.bert.encoder["layer"]
    return list(layers)


def ready(model: Pretrainer | Classifier, compiled: bool) -> None:
    """Move a model to the device and compile its layers; they share their code, so one compilation serves all."""
    model.to(DEVICE)
    if not compiled:
        return
    for layer in layers_of(model):
        layer.compile(dynamic=False)
    if isinstance(model, Pretrainer):
        model.told = torch.compile(model.told, dynamic=False)  # type: ignore[method-assign]


def learn(optim: torch.optim.Optimizer, model: nn.Module, loss: Tensor, rate: float) -> None:
    """Take one optimiser step."""
    for group in optim.param_groups:
        group["lr"] = rate
    loss.backward()  # type: ignore[no-untyped-call]
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optim.step()
    optim.zero_grad(set_to_none=True)


def on_device(array: NDArray[Any]) -> Tensor:
    """Copy an array to the device asynchronously."""
    tensor = torch.from_numpy(array)
    return tensor.pin_memory().to(DEVICE, non_blocking=True) if DEVICE == "cuda" else tensor

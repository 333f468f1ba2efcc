"""The device a sitting runs on, its arithmetic, and one step of learning there."""

from __future__ import annotations

import contextlib
from typing import Any

import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from core.train.net import Classifier, Layer, Pretrainer

DEVICE = "cuda" if torch.cuda.is_available() else "cpu"


def precise() -> contextlib.AbstractContextManager[Any]:
    """Return the arithmetic of all stages: bf16 where it is fast, float32 weights."""
    return torch.autocast(DEVICE, torch.bfloat16)


def adam(model: nn.Module, rate: float, decay: float) -> torch.optim.AdamW:
    """Return AdamW, without decay on biases and norms."""
    groups = [
        {"params": [p for p in model.parameters() if p.ndim == 2], "weight_decay": decay},
        {"params": [p for p in model.parameters() if p.ndim < 2], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=rate, betas=(0.9, 0.98), eps=1e-6, fused=True)


def layers_of(model: Pretrainer | Classifier) -> list[Layer]:
    """Return the encoder's layers."""
    layers: Any = model.bert.encoder["layer"]
    return list(layers)


def ready(model: Pretrainer | Classifier, compiled: bool) -> None:
    """Move a model to the device and compile its layers, each the same code: compiled once for all of them."""
    model.to(DEVICE)
    if not compiled:
        return
    for layer in layers_of(model):
        layer.compile(dynamic=False)
    if isinstance(model, Pretrainer):
        model.told = torch.compile(model.told, dynamic=False)  # type: ignore[method-assign]


def learn(optim: torch.optim.Optimizer, model: nn.Module, loss: Tensor, rate: float) -> None:
    """Take one step down a loss."""
    for group in optim.param_groups:
        group["lr"] = rate
    loss.backward()  # type: ignore[no-untyped-call]
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optim.step()
    optim.zero_grad(set_to_none=True)


def on_device(array: NDArray[Any]) -> Tensor:
    """Send an array without waiting for it."""
    tensor = torch.from_numpy(array)
    return tensor.pin_memory().to(DEVICE, non_blocking=True) if DEVICE == "cuda" else tensor

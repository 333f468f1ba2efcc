"""Train a new encoder on masked words for a given time, on any device."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor

from core.train.config import LOG
from core.train.machine import DEVICE, adam, layers_of, learn, precise, ready
from core.train.masked import layout, mask_tokens, window_start
from core.train.net import NetConfig, Pretrainer
from core.train.packed import READ, Texts
from core.train.plan import SittingConfig, Stage, laid

#: A model whose loss is above this after an eighth of its time is not learning: unigram frequencies reach 7.
STUCK = 6.8


def reading(config: SittingConfig, corpus: Texts, train: Texts) -> Tensor:
    """Return all text for masked-word training, in random order, on the device."""
    rng = np.random.default_rng(config.seed)
    both = Texts(
        np.concatenate([corpus.ids, train.ids]), np.concatenate([corpus.starts, train.starts[1:] + corpus.starts[-1]])
    )
    some = np.concatenate([np.arange(len(both)), *[np.arange(len(corpus), len(both))] * (config.copies - 1)])
    return torch.from_numpy(both.take(rng.permutation(some)).ids.astype(np.int32)).to(DEVICE)


def newborn(shape: NetConfig, tokens: Tensor) -> Pretrainer:
    """Return a model initialised with the unigram frequencies of the tokens only."""
    model = Pretrainer(shape)
    counts = torch.bincount(tokens.long(), minlength=shape.vocab).float().cpu()
    with torch.no_grad():
        model.bias.copy_(((counts + 0.5) / counts.sum()).log() * 0.5)
        for layer in layers_of(model):
            # Small initial residual branches keep a post-norm stack stable at high rates.
            for part in (layer.attention.output, layer.output):
                part["dense"].weight *= (2 * shape.layers) ** -0.5
    return model


def read(
    shape: NetConfig, tokens: Tensor, config: SittingConfig, stage: Stage, start: Mapping[str, Tensor] | None = None
) -> Pretrainer:
    """Train a masked-word model until the stage is over.

    Args:
        shape: Shape of the encoder.
        tokens: Concatenated training texts on the device.
        config: Settings.
        stage: Its time and rate; its steps are counted.
        start: Weights of a model of this shape to continue from; without them a new one is initialised.
    """
    torch.manual_seed(config.seed)
    if start:
        model = Pretrainer(shape)
        model.load_state_dict(start)
    else:
        model = newborn(shape, tokens)
    windows, length = laid(config, READ)
    ready(model, config.compiled)
    optim, rng = adam(model.parameters(), stage.highest, config.decay), torch.Generator(DEVICE).manual_seed(config.seed)
    span = windows * length

    def loss_at(step: int) -> Tensor:
        at = window_start(len(tokens), span, config.seed, step)
        ids = tokens[at : at + span].long().view(windows, length)
        batch = mask_tokens(ids, rng, config.mask, config.shuffle, shape.vocab)
        positions, mask = layout(batch.ids)
        with precise():
            return model.told(model.bert(batch.ids, positions, mask).flatten(0, 1)[batch.where], batch.words)

    loss_at(0).backward()  # type: ignore[no-untyped-call]  # compiled before the clock starts
    optim.zero_grad(set_to_none=True)
    mean = 0.0
    stage.begin()
    while stage.done() < 1:
        loss = loss_at(stage.step)
        learn(optim, model, loss, stage.rate())
        stage.note(span)
        if stage.step % 20 == 0:
            value = loss.item()
            mean = value if not mean else 0.9 * mean + 0.1 * value
        if stage.step % 500 == 0 and not (mean < STUCK or stage.done() < 0.12):
            LOG.info("%s: stuck at %.3f after %d steps, again at a third of the rate", stage.name, mean, stage.step)
            stage.highest, stage.seconds = stage.highest / 3, stage.seconds * (1 - stage.done())
            return read(shape, tokens, config, stage, start)
        if stage.step % 400 == 0:
            stage.report(mean)
    stage.report(mean)
    return model

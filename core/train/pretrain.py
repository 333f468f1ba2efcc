"""Pretrain on masked words and word order of packed text (StructBERT's objective), resumable to the step.

Each window of ``length`` tokens holds whole and split texts; attention never crosses texts.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from core.train.config import LOG, parse, work_dir
from core.train.machine import adam
from core.train.masked import MaskedBatch, layout, mask_tokens, window_start
from core.train.net import PLACES, NetConfig, Pretrainer, lengthened, shape_of
from core.train.ranks import Ranks


@dataclass(frozen=True)
class PretrainConfig:
    """Settings of ``pretrain``."""

    layers: int = 4  # of a new encoder; a continued one keeps its own
    length: int = 128  # tokens per window
    batch: int = 32  # windows per step
    mask: float = 0.15  # share of tokens masked or replaced
    shuffle: float = 0.05  # share of tokens in a shuffled run of three
    rate: float = 1.0e-3  # AdamW: embeddings, norms, biases, head
    muon_rate: float = 0.0  # Muon for the matrices of the encoder; 0 = AdamW for all
    decay: float = 0.01
    warmup: int = 200  # steps
    minutes: float = 55.0  # the learning rate decays to a tenth over this wall time …
    save_minutes: float = 4.0
    threads: int = 2
    bf16: bool = True
    compiled: bool = True
    dropout: float = 0.0  # one pass over the text cannot overfit
    steps: int = 0  # … or over this many steps, regardless of time
    name: str = "pretrain"
    source: str = ""  # checkpoint whose encoder to continue, such as "restored"; empty = the counted word vectors
    seed: int = 1


def optimizers(model: Pretrainer, config: PretrainConfig) -> list[torch.optim.Optimizer]:
    """Return AdamW alone, or Muon for the encoder's matrices and AdamW for the rest."""
    matrices = [p for n, p in model.named_parameters() if p.ndim == 2 and ".encoder.layer." in n]
    chosen = {id(p) for p in matrices} if config.muon_rate else set()
    rest = [p for p in model.parameters() if id(p) not in chosen]
    result: list[torch.optim.Optimizer] = [adam(rest, config.rate, config.decay)]
    if config.muon_rate:
        result.append(
            torch.optim.Muon(matrices, lr=config.muon_rate, weight_decay=config.decay, adjust_lr_fn="match_rms_adamw")
        )
    return result


def schedule(done: float, step: int, warmup: int) -> float:
    """Return the learning-rate factor: linear warm-up over steps, then linear decay to 0.1 at ``done`` = 1."""
    return min(1.0, (step + 1) / warmup) * max(0.1, 1.0 - 0.9 * done)


def save(path: Path, state: dict[str, Any]) -> None:
    """Write a checkpoint atomically: a kill at any moment leaves the old or the new one intact."""
    part = path.with_suffix(".part")
    torch.save(state, part)
    part.replace(path)


def fresh(config: PretrainConfig) -> Pretrainer:
    """Build the model from the encoder of ``config.source`` or from the counted word vectors."""
    model = _continued(config) if config.source else _counted(config)
    with torch.no_grad():
        size = model.bias.numel()
        counts = np.bincount(np.load(work_dir() / "pretrain.npy", mmap_mode="r")[:5_000_000], minlength=size)
        model.bias.copy_(torch.from_numpy(np.log((counts + 0.5) / counts.sum()).astype(np.float32)) * 0.5)
    return model


def _counted(config: PretrainConfig) -> Pretrainer:
    """Initialise the embeddings from the counted word vectors, scaled to BERT's 0.02."""
    vectors = np.load(work_dir() / "embed.npy")
    model = Pretrainer(NetConfig(vocab=len(vectors), layers=config.layers, dropout=config.dropout))
    with torch.no_grad():
        weight = model.bert.embeddings.word_embeddings.weight
        seen = torch.from_numpy(np.abs(vectors).sum(1) > 1e-3)
        weight[seen] = torch.from_numpy(vectors)[seen] * 0.04
    return model


def _continued(config: PretrainConfig) -> Pretrainer:
    """Load the encoder of a checkpoint; only the masked-word head is reinitialised."""
    state = torch.load(work_dir() / f"{config.source}.pt", weights_only=True)["model"]
    state[PLACES] = lengthened(state[PLACES], NetConfig.positions)
    shape = replace(shape_of(state), dropout=config.dropout)
    encoder = {name.removeprefix("bert."): value for name, value in state.items() if name.startswith("bert.")}
    model = Pretrainer(shape)
    model.bert.load_state_dict(encoder)
    return model


def batches(tokens: NDArray[np.uint16], config: PretrainConfig, step: int, vocab: int) -> Iterator[MaskedBatch]:
    """Yield masked batches from a given step on; deterministic in the seed."""
    span = config.batch * config.length
    while True:
        at = window_start(len(tokens), span, config.seed, step)
        ids = torch.from_numpy(tokens[at : at + span].astype(np.int64)).view(config.batch, config.length)
        rng = torch.Generator().manual_seed(config.seed * 1_000_003 + step)
        yield mask_tokens(ids, rng, config.mask, config.shuffle, vocab)
        step += 1


class Run:
    """A pretraining run that resumes from its checkpoint, if there is one.

    Args:
        config: Settings of the step.
        ranks: This process among those that share each step.

    Attributes:
        step: Steps done, including those before the checkpoint.
        agreed: Minutes used, averaged over all ranks after the last step.
    """

    def __init__(self, config: PretrainConfig, ranks: Ranks) -> None:
        self.config, self.ranks = config, ranks
        self.model = fresh(config)
        self.optims = optimizers(self.model, config)
        # before loading a checkpoint, whose rates are those of its last step
        self._rates = [[group["lr"] for group in o.param_groups] for o in self.optims]
        self._path = work_dir() / f"{config.name}.pt"
        self.step, self.agreed = self._resume()
        self._began = time.monotonic() - 60 * self.agreed
        # compiled at the first call
        self._ask = torch.compile(self.model) if config.compiled else self.model

    def _resume(self) -> tuple[int, float]:
        if not self._path.exists():
            return 0, 0.0
        state = torch.load(self._path, weights_only=True)
        self.model.load_state_dict(state["model"])
        for o, saved in zip(self.optims, state["optims"], strict=True):
            o.load_state_dict(saved)
        LOG.info("pretrain: resumed at step %d, %.1f minutes", state["step"], state["minutes"])
        return state["step"], state["minutes"]

    def keep(self) -> None:
        """Write the checkpoint, on the first rank only."""
        if self.ranks.rank:
            return
        state = {
            "model": self.model.state_dict(),
            "optims": [o.state_dict() for o in self.optims],
            "step": self.step,
            "minutes": self._minutes(),
            "config": asdict(self.config),
        }
        save(self._path, state)

    def learn(self, batch: MaskedBatch) -> float:
        """Take one step; return the loss averaged over all ranks."""
        ids, where, words = batch
        minutes = self._minutes()
        for o, rates in zip(self.optims, self._rates, strict=True):
            for group, rate in zip(o.param_groups, rates, strict=True):
                group["lr"] = rate * self.factor()
        positions, mask = layout(ids)
        with torch.autocast("cpu", torch.bfloat16, enabled=self.config.bf16):
            loss = self._ask(ids, positions, mask, where, words)
        loss.backward()
        value, self.agreed = self.ranks.average(self.model, loss.item(), minutes)
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        for o in self.optims:
            o.step()
            o.zero_grad(set_to_none=True)
        self.step += 1
        return value

    def factor(self) -> float:
        """Return the learning-rate factor of the next step."""
        return schedule(self._done(), self.step, self.config.warmup)

    def over(self) -> bool:
        """Return whether the steps, or the time, are used up."""
        return self._done() >= 1

    def _done(self) -> float:
        return self.step / self.config.steps if self.config.steps else self.agreed / self.config.minutes

    def _minutes(self) -> float:
        return (time.monotonic() - self._began) / 60


def main(argv: list[str]) -> int:
    """Pretrain until the time is up; write ``<name>.pt`` every few minutes and resume from it."""
    config = parse(PretrainConfig, "pretrain", argv)
    ranks = Ranks()
    torch.set_num_threads(max(1, config.threads // ranks.size))
    torch.manual_seed(config.seed)
    tokens = np.load(work_dir() / "pretrain.npy", mmap_mode="r")
    run = Run(config, ranks)
    span, mean = ranks.size * config.batch * config.length, 0.0
    last = saved_at = time.monotonic()
    for batch in ranks.mine(batches(tokens, config, run.step * ranks.size, run.model.bias.numel())):
        value = run.learn(batch)
        mean = 0.98 * mean + 0.02 * value if mean else value
        now = time.monotonic()
        if run.step % 50 == 0:
            rate, speed = config.rate * run.factor(), 50 * span / (now - last)
            LOG.info("step %d loss %.3f rate %.2e tokens/s %.0f", run.step, mean, rate, speed)
            last = now
        if now - saved_at > config.save_minutes * 60:
            run.keep()
            saved_at = now
        if run.over():
            break
    run.keep()
    LOG.info("pretrain: %d steps, %d tokens", run.step, run.step * span)
    return 0

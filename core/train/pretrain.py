"""Masked words and word order on packed text (StructBERT's objective), resumable to the step.

Each window of ``length`` tokens holds whole and cut texts; attention never crosses from one text to another.
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
from core.train.masked import Riddle, layout, spoil, window_start
from core.train.net import PLACES, NetConfig, Pretrainer, lengthened, shape_of
from core.train.ranks import Ranks


@dataclass(frozen=True)
class PretrainConfig:
    """Settings of ``pretrain``."""

    layers: int = 4  # of a new encoder; one that goes on keeps its own
    length: int = 128  # tokens a window
    batch: int = 32  # windows a step
    mask: float = 0.15  # share of tokens hidden or replaced
    shuffle: float = 0.05  # share of tokens standing in a shuffled run of three
    rate: float = 1.0e-3  # AdamW: embeddings, norms, biases, head
    muon_rate: float = 0.0  # Muon for the matrices of the encoder; 0 = AdamW for all
    decay: float = 0.01
    warmup: int = 200  # steps
    minutes: float = 55.0  # the learning rate falls to a tenth over this wall time …
    save_minutes: float = 4.0
    threads: int = 2
    bf16: bool = True
    compiled: bool = True
    dropout: float = 0.0  # one pass over the text cannot overfit
    steps: int = 0  # … or over so many steps, whatever time they take
    name: str = "pretrain"
    source: str = ""  # checkpoint whose encoder to go on from, such as "restored"; empty = the counted word vectors
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
    """Return the factor on the learning rate: linear warm-up over steps, then linear down to 0.1 at ``done`` = 1."""
    return min(1.0, (step + 1) / warmup) * max(0.1, 1.0 - 0.9 * done)


def save(path: Path, state: dict[str, Any]) -> None:
    """Write a checkpoint so that a kill at any moment leaves the old or the new one whole."""
    part = path.with_suffix(".part")
    torch.save(state, part)
    part.replace(path)


def fresh(config: PretrainConfig) -> Pretrainer:
    """Build the model over the encoder of ``config.source`` or over the counted word vectors."""
    model = _continued(config) if config.source else _counted(config)
    with torch.no_grad():
        size = model.bias.numel()
        counts = np.bincount(np.load(work_dir() / "pretrain.npy", mmap_mode="r")[:5_000_000], minlength=size)
        model.bias.copy_(torch.from_numpy(np.log((counts + 0.5) / counts.sum()).astype(np.float32)) * 0.5)
    return model


def _counted(config: PretrainConfig) -> Pretrainer:
    """Take the counted word vectors as embeddings, scaled to BERT's 0.02."""
    vectors = np.load(work_dir() / "embed.npy")
    model = Pretrainer(NetConfig(vocab=len(vectors), layers=config.layers, dropout=config.dropout))
    with torch.no_grad():
        weight = model.bert.embeddings.word_embeddings.weight
        seen = torch.from_numpy(np.abs(vectors).sum(1) > 1e-3)
        weight[seen] = torch.from_numpy(vectors)[seen] * 0.04
    return model


def _continued(config: PretrainConfig) -> Pretrainer:
    """Take the encoder of a checkpoint; only the masked-word head starts anew."""
    state = torch.load(work_dir() / f"{config.source}.pt", weights_only=True)["model"]
    state[PLACES] = lengthened(state[PLACES], NetConfig.positions)
    shape = replace(shape_of(state), dropout=config.dropout)
    encoder = {name.removeprefix("bert."): value for name, value in state.items() if name.startswith("bert.")}
    model = Pretrainer(shape)
    model.bert.load_state_dict(encoder)
    return model


def batches(tokens: NDArray[np.uint16], config: PretrainConfig, step: int, vocab: int) -> Iterator[Riddle]:
    """Yield what is asked from a given step on; the same for equal seeds."""
    span = config.batch * config.length
    while True:
        at = window_start(len(tokens), span, config.seed, step)
        ids = torch.from_numpy(tokens[at : at + span].astype(np.int64)).view(config.batch, config.length)
        rng = torch.Generator().manual_seed(config.seed * 1_000_003 + step)
        yield spoil(ids, rng, config.mask, config.shuffle, vocab)
        step += 1


def main(argv: list[str]) -> int:
    """Pretrain until the time is over; writes ``<name>.pt`` every few minutes and resumes from it."""
    config = parse(PretrainConfig, "pretrain", argv)
    ranks = Ranks()
    torch.set_num_threads(max(1, config.threads // ranks.size))
    torch.manual_seed(config.seed)
    tokens = np.load(work_dir() / "pretrain.npy", mmap_mode="r")
    model = fresh(config)
    optims = optimizers(model, config)
    base = [[group["lr"] for group in o.param_groups] for o in optims]
    path, step, used = work_dir() / f"{config.name}.pt", 0, 0.0
    if path.exists():
        state = torch.load(path, weights_only=True)
        model.load_state_dict(state["model"])
        for o, saved in zip(optims, state["optims"], strict=True):
            o.load_state_dict(saved)
        step, used = state["step"], state["minutes"]
        LOG.info("pretrain: resumed at step %d, %.1f minutes", step, used)
    run = torch.compile(model) if config.compiled else model
    began = last = time.monotonic()
    saved_at, mean, vocab, agreed = began, 0.0, model.bias.numel(), used

    def checkpoint(minutes: float) -> None:
        if ranks.rank:
            return
        optim_states = [o.state_dict() for o in optims]
        save(
            path,
            {
                "model": model.state_dict(),
                "optims": optim_states,
                "step": step,
                "minutes": minutes,
                "config": asdict(config),
            },
        )

    for ids, where, words in ranks.mine(batches(tokens, config, step * ranks.size, vocab)):
        minutes = used + (time.monotonic() - began) / 60
        factor = schedule(step / config.steps if config.steps else agreed / config.minutes, step, config.warmup)
        for o, rates in zip(optims, base, strict=True):
            for group, rate in zip(o.param_groups, rates, strict=True):
                group["lr"] = rate * factor
        positions, mask = layout(ids)
        with torch.autocast("cpu", torch.bfloat16, enabled=config.bf16):
            loss = run(ids, positions, mask, where, words)
        loss.backward()
        value, agreed = ranks.average(model, loss.item(), minutes)
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for o in optims:
            o.step()
            o.zero_grad(set_to_none=True)
        step += 1
        mean = value if not mean else 0.98 * mean + 0.02 * value
        if step % 50 == 0:
            now = time.monotonic()
            LOG.info(
                "step %d loss %.3f rate %.2e tokens/s %.0f",
                step,
                mean,
                config.rate * factor,
                50 * ranks.size * ids.numel() / (now - last),
            )
            last = now
        if time.monotonic() - saved_at > config.save_minutes * 60:
            checkpoint(minutes)
            saved_at = time.monotonic()
        if step >= config.steps if config.steps else agreed >= config.minutes:
            break
    checkpoint(used + (time.monotonic() - began) / 60)
    LOG.info("pretrain: %d steps, %d tokens", step, step * ranks.size * config.batch * config.length)
    return 0

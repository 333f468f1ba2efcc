"""Masked words and word order on packed text (StructBERT's objective), resumable to the step.

Each window of ``length`` tokens holds whole and cut texts; attention never crosses from one text to another.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.train.config import LOG, parse, work_dir
from core.train.net import PLACES, NetConfig, Pretrainer, lengthened
from core.train.ranks import Ranks

PAD, UNK, CLS, SEP, MASK = range(5)


@dataclass(frozen=True)
class PretrainConfig:
    """Settings of ``pretrain``."""

    layers: int = 4
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


def windows(tokens: NDArray[np.uint16], config: PretrainConfig, step: int) -> NDArray[np.int64]:
    """Return the windows of one step: shape (batch, length); epoch after epoch with another offset and order."""
    span = config.batch * config.length
    per_epoch = len(tokens) // span - 1
    epoch, index = divmod(step, per_epoch)
    rng = np.random.default_rng((config.seed, epoch))
    offset = int(rng.integers(0, span))
    at = offset + int(rng.permutation(per_epoch)[index]) * span
    return tokens[at : at + span].astype(np.int64).reshape(config.batch, config.length)


def spoil(
    ids: NDArray[np.int64], rng: np.random.Generator, config: PretrainConfig, vocab: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Hide words (80 % mask, 10 % another word, 10 % kept) and shuffle runs of three.

    Args:
        ids: Token ids, shape (n, length).
        rng: Random source.
        config: Shares.
        vocab: Number of pieces.

    Returns:
        The spoiled ids and the flat positions whose original word is to be predicted.
    """
    flat = ids.reshape(-1)
    out = flat.copy()
    real = flat > MASK
    starts = np.flatnonzero(rng.random(len(flat) - 2) < config.shuffle / 3)
    starts = starts[real[starts] & real[starts + 1] & real[starts + 2]]
    starts = starts[np.diff(starts, prepend=-3) >= 3]
    runs = starts[:, None] + np.arange(3)
    out[runs] = np.take_along_axis(flat[runs], rng.random(runs.shape).argsort(1), 1)
    target = np.zeros(len(flat), bool)
    target[runs] = True
    hidden = real & ~target & (rng.random(len(flat)) < config.mask)
    way = rng.random(len(flat))
    out[hidden & (way < 0.8)] = MASK
    swap = hidden & (way >= 0.9)
    out[swap] = rng.integers(MASK + 1, vocab, int(swap.sum()))
    return out.reshape(ids.shape), np.flatnonzero(target | hidden)


def layout(ids: Tensor) -> tuple[Tensor, Tensor]:
    """Return positions counted from each text's [CLS] and the block mask (n, 1, length, length)."""
    first = ids == CLS
    text = first.cumsum(1)
    at = torch.arange(ids.shape[1]).expand_as(ids)
    begin = torch.where(first, at, 0).cummax(1).values
    return at - begin, (text[:, None, :, None] == text[:, None, None, :])


def optimizers(model: Pretrainer, config: PretrainConfig) -> list[torch.optim.Optimizer]:
    """Return AdamW alone, or Muon for the encoder's matrices and AdamW for the rest."""
    matrices = [p for n, p in model.named_parameters() if p.ndim == 2 and ".encoder.layer." in n]
    chosen = {id(p) for p in matrices} if config.muon_rate else set()
    rest = [p for p in model.parameters() if id(p) not in chosen]
    groups = [
        {"params": [p for p in rest if p.ndim == 2], "weight_decay": config.decay},
        {"params": [p for p in rest if p.ndim < 2], "weight_decay": 0.0},
    ]
    result: list[torch.optim.Optimizer] = [
        torch.optim.AdamW(groups, lr=config.rate, betas=(0.9, 0.98), eps=1e-6, fused=True)
    ]
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
    vocab = len(state["bert.embeddings.word_embeddings.weight"])
    shape = NetConfig(vocab=vocab, layers=config.layers, dropout=config.dropout)
    state[PLACES] = lengthened(state[PLACES], shape.positions)
    encoder = {name.removeprefix("bert."): value for name, value in state.items() if name.startswith("bert.")}
    model = Pretrainer(shape)
    model.bert.load_state_dict(encoder)
    return model


def batches(
    tokens: NDArray[np.uint16], config: PretrainConfig, step: int, vocab: int
) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    """Yield (spoiled ids, flat positions to predict, their words) from a given step on; the same for equal seeds."""
    while True:
        ids = windows(tokens, config, step)
        spoiled, where = spoil(ids, np.random.default_rng((config.seed, 7, step)), config, vocab)
        # A fixed count keeps the compiled shapes fixed.
        keep = np.random.default_rng((config.seed, 8, step)).permutation(where)[
            : int(ids.size * (config.mask + config.shuffle) * 0.8)
        ]
        yield torch.from_numpy(spoiled), torch.from_numpy(keep), torch.from_numpy(ids.reshape(-1)[keep])
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

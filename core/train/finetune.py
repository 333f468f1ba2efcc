"""Teach the pretrained encoder all heads on all sets at once, within a given time.

A set counts in proportion to its size to a power below one; two-class rows teach only negative against positive
(and a little that a clear opinion is not neutral); weights are averaged over the run (EMA).
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from core.train import tasks
from core.train.config import LOG, parse, work_dir
from core.train.net import Classifier, NetConfig
from core.train.pretrain import save
from core.train.ranks import Ranks

Ints = NDArray[np.int64]
Batch = tuple[Tensor, Tensor, Ints]


@dataclass(frozen=True)
class FinetuneConfig:
    """Settings of ``finetune``."""

    source: str = "pretrain"  # checkpoint to start from
    name: str = "finetune"
    layers: int = 4
    max_length: int = 96  # tokens a text while training
    tokens: int = 4096  # padded tokens a step
    rate: float = 5.0e-4
    decay: float = 0.01
    warmup: int = 150
    minutes: float = 35.0  # the rate falls to zero over this wall time
    smoothing: float = 0.05
    dropout: float = 0.1
    ema: float = 0.998
    power: float = 0.4  # sets count by size ** (1 - power)
    three: float = 0.01  # three-class loss on two-class rows
    neutral: float = 2.5  # weight of the sets with three classes, see `tasks.train_rows`
    own: float = 3.0  # weight of each comment written for this project
    made: float = 0.4  # weight of each made-up or altered row
    emotion: float = 0.8  # weight of the emotion loss
    offensive: float = 0.6
    bf16: bool = True
    compiled: bool = True
    threads: int = 2
    save_minutes: float = 5.0
    seed: int = 1


LENGTHS = (24, 40, 64, 96, 160, 256)


def pad(encoded: list[list[int]], at: Ints, length: int, rows: int) -> tuple[Tensor, Tensor]:
    """Return ids and attention (rows, length); missing rows are empty texts."""
    ids = np.zeros((rows, length), np.int64)
    attention = np.zeros((rows, length), np.int64)
    attention[:, 0] = 1
    for row, i in enumerate(at):
        n = len(encoded[i])
        ids[row, :n] = encoded[i]
        attention[row, :n] = 1
    return torch.from_numpy(ids), torch.from_numpy(attention)


def epoch(
    encoded: list[list[int]], weight: NDArray[np.float32], config: FinetuneConfig, number: int
) -> Iterator[Batch]:
    """Yield one epoch in batches of equal padded size; a row of weight w takes part w times on average."""
    rng = np.random.default_rng((config.seed, number))
    chosen = np.repeat(np.arange(len(encoded)), np.floor(weight + rng.random(len(encoded))).astype(np.int64))
    size = np.array([len(encoded[i]) for i in chosen])
    batches: list[tuple[int, Ints]] = []
    low = 0
    for length in LENGTHS:
        members = rng.permutation(chosen[(size > low) & (size <= length)])
        rows = config.tokens // length
        batches += [(length, members[i : i + rows]) for i in range(0, len(members), rows)]
        low = length
    for i in rng.permutation(len(batches)):
        length, at = batches[int(i)]
        ids, attention = pad(encoded, at, length, config.tokens // length)
        yield ids, attention, at


def loss_of(logits: Tensor, rows: tasks.Rows, at: Ints, config: FinetuneConfig) -> Tensor:
    """Return the mean multi-task loss of a batch."""
    logits = logits[: len(at)].float()
    feeling = torch.from_numpy(rows.target["sentiment"][at])
    two = torch.from_numpy(rows.two[at])
    s = logits[:, 0:3]
    full = functional.cross_entropy(s, feeling, ignore_index=-1, reduction="none", label_smoothing=config.smoothing)
    pair = functional.cross_entropy(
        s[:, [0, 2]], (feeling > 0).long(), reduction="none", label_smoothing=config.smoothing
    )
    loss = torch.where(two, pair + config.three * full, full).sum()
    mood = torch.from_numpy(rows.target["emotion"][at])
    missing = torch.from_numpy(rows.six[at][:, None] & ~tasks.SIX[None, :])
    # No smoothing here: it would spread mass over the classes a set does not have.
    loss = loss + config.emotion * functional.cross_entropy(
        logits[:, 3:11].masked_fill(missing, -1e4), mood, ignore_index=-1, reduction="sum"
    )
    rude = torch.from_numpy(rows.target["offensive"][at])
    loss = loss + config.offensive * functional.cross_entropy(logits[:, 11:13], rude, ignore_index=-1, reduction="sum")
    return loss / len(at)


def build(config: FinetuneConfig, vocab: int) -> Classifier:
    """Build the classifier and fill its encoder from the pretraining checkpoint."""
    model = Classifier(NetConfig(vocab=vocab, layers=config.layers, dropout=config.dropout))
    state = torch.load(work_dir() / f"{config.source}.pt", weights_only=True)
    encoder = {n: v for n, v in state["model"].items() if n.startswith("bert.")}
    missing, unexpected = model.load_state_dict(encoder, strict=False)
    if unexpected or any(not n.startswith("classifier.") for n in missing):
        raise ValueError(f"checkpoint and encoder differ: {missing} {unexpected}")
    with torch.no_grad():
        # Positions past the pretraining window were never trained: start them from its last ones.
        table = model.bert.embeddings.position_embeddings.weight
        table[128:] = table[96:128].repeat(len(table) // 32, 1)[: len(table) - 128]
    return model


def predict(model: Classifier, encoded: list[list[int]], tokens: int = 8192) -> NDArray[np.float32]:
    """Return logits (texts, 13) in the order given."""
    out = np.zeros((len(encoded), 13), np.float32)
    order = np.argsort([len(e) for e in encoded], kind="stable")
    model.eval()
    start = 0
    with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16, enabled=False):
        while start < len(order):
            rows = max(1, tokens // max(16, len(encoded[order[min(start + 63, len(order) - 1)]])))
            at = order[start : start + min(rows, 256)]
            ids, attention = pad(encoded, at, len(encoded[at[-1]]), len(at))
            out[at] = model(ids, attention)[0].numpy()
            start += len(at)
    model.train()
    return out


def load(path: Path, weights: str = "ema") -> Classifier:
    """Load a fine-tuned model for evaluation or export: the averaged weights ("ema") or the last ones ("model")."""
    state = torch.load(path, weights_only=True)
    vocab = state["ema"]["bert.embeddings.word_embeddings.weight"].shape[0]
    model = Classifier(NetConfig(vocab=vocab, layers=state["config"]["layers"]))
    model.load_state_dict(state[weights])
    model.eval()
    return model


def main(argv: list[str]) -> int:
    """Fine-tune until the time is over; writes ``<name>.pt`` every few minutes, resumes from it, reports on dev."""
    config = parse(FinetuneConfig, "finetune", argv)
    ranks = Ranks()
    torch.set_num_threads(max(1, config.threads // ranks.size))
    torch.manual_seed(config.seed)
    tok = tasks.tokenizer(config.max_length)
    rows = tasks.train_rows(config.power, config.neutral, own=config.own, made=config.made)
    encoded = tasks.encode(tok, rows.text)
    model = build(config, tok.get_vocab_size())
    groups = [
        {"params": [p for p in model.parameters() if p.ndim == 2], "weight_decay": config.decay},
        {"params": [p for p in model.parameters() if p.ndim < 2], "weight_decay": 0.0},
    ]
    optim = torch.optim.AdamW(groups, lr=config.rate, betas=(0.9, 0.98), eps=1e-6, fused=True)
    average = {n: p.detach().clone() for n, p in model.state_dict().items()}
    path, step, used, number, seen = work_dir() / f"{config.name}.pt", 0, 0.0, 0, 0
    if path.exists():
        state = torch.load(path, weights_only=True)
        model.load_state_dict(state["model"])
        optim.load_state_dict(state["optim"])
        average, step, used, number = state["ema"], state["step"], state["minutes"], state["epoch"] + 1
        seen = state.get("tokens", step * config.tokens * ranks.size)
        LOG.info("finetune: resumed at step %d, %.1f minutes", step, used)
    run = torch.compile(model, dynamic=False) if config.compiled else model
    began = last = saved_at = time.monotonic()
    minutes, mean, tokens = used, 0.0, 0
    LOG.info("finetune: %d rows, %d tokens", len(encoded), sum(map(len, encoded)))

    def checkpoint() -> None:
        if ranks.rank:
            return
        state = {"model": model.state_dict(), "ema": average, "optim": optim.state_dict(), "config": asdict(config)}
        save(path, state | {"step": step, "minutes": minutes, "epoch": number, "tokens": seen})

    while minutes < config.minutes:
        for ids, attention, at in ranks.mine(epoch(encoded, rows.weight, config, number)):
            for group in optim.param_groups:
                group["lr"] = (
                    config.rate * min(1.0, (step + 1) / config.warmup) * max(0.0, 1 - minutes / config.minutes)
                )
            with torch.autocast("cpu", torch.bfloat16, enabled=config.bf16):
                logits, _ = run(ids, attention)
            loss = loss_of(logits, rows, at, config)
            loss.backward()  # type: ignore[no-untyped-call]
            value, minutes = ranks.average(model, loss.item(), used + (time.monotonic() - began) / 60)
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optim.step()
            optim.zero_grad(set_to_none=True)
            step += 1
            tokens += ids.numel() * ranks.size
            seen += ids.numel() * ranks.size
            keep = min(config.ema, (1 + step) / (10 + step))
            with torch.no_grad():
                names, values = zip(*model.state_dict().items(), strict=True)
                torch._foreach_lerp_([average[n] for n in names], list(values), 1 - keep)
            mean = value if not mean else 0.99 * mean + 0.01 * value
            if step % 100 == 0:
                now = time.monotonic()
                LOG.info(
                    "epoch %d step %d loss %.4f tokens/s %.0f minute %.1f",
                    number,
                    step,
                    mean,
                    tokens / (now - last),
                    minutes,
                )
                last, tokens = now, 0
            if time.monotonic() - saved_at > config.save_minutes * 60:
                checkpoint()
                saved_at = time.monotonic()
            if minutes >= config.minutes:
                break
        number += 1
    checkpoint()
    if ranks.rank:
        return 0
    final = load(path)
    tasks.report_dev(config.name, tok, lambda batch: predict(final, batch))
    return 0

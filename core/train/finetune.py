"""Fine-tune the pretrained encoder on all heads and sets at once, for a given number of steps or time.

A set counts in proportion to its size to a power below one; two-class rows train only negative against positive
(and slightly that a clear opinion is not neutral); weights are averaged over the run (EMA). Batches with soft labels
(step ``teach``) may be interleaved; rows that ``noise`` doubts may count less.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.train import curve, noise, tasks, taught
from core.train.config import LOG, parse, work_dir
from core.train.losses import LossWeights, Targets, hard_loss, soft_loss
from core.train.machine import Averaged, adam
from core.train.net import PLACES, Classifier, NetConfig, lengthened, shape_of
from core.train.pretrain import save
from core.train.ranks import Ranks

Ints = NDArray[np.int64]
Batch = tuple[Tensor, Tensor, NDArray[Any]]
State = dict[str, Any]


@dataclass(frozen=True)
class FinetuneConfig(LossWeights):
    """Settings of ``finetune``."""

    source: str = "pretrain"  # checkpoint to start from
    name: str = "finetune"
    max_length: int = 96  # tokens per text in training
    tokens: int = 4096  # padded tokens per step
    rate: float = 5.0e-4
    decay: float = 0.01
    warmup: int = 150
    minutes: float = 35.0  # the rate decays to zero over this wall time …
    steps: int = 0  # … or over this many steps, regardless of time
    dropout: float = 0.1
    ema: float = 0.998
    power: float = 0.4  # sets count by size ** (1 - power)
    neutral: float = 2.5  # weight of the sets with three classes, see `tasks.train_rows`
    own: float = 3.0  # weight of each comment written for this project
    made: float = 0.4  # weight of each synthetic or altered row
    without: str = ""  # comma-separated sets left out, see `holdout`
    augment: bool = True  # with our own comments and the synthetic and altered rows
    noise: str = ""  # file of the step ``noise``; empty = trust every label
    least: float = 0.2  # weight of the most doubtful row
    strength: float = 1.0  # exponent of the self-confidence of a doubted row
    soft: str = ""  # folder of the step ``teach``; empty = labels of the sets alone
    share: float = 0.3  # of the batches with soft labels
    bf16: bool = True
    compiled: bool = True
    threads: int = 2
    save_minutes: float = 5.0
    curve: int = 0  # steps between measurements on part of dev, see `curve`; 0 = never
    seed: int = 1


#: Lengths texts are padded to; each is compiled once, and torch caches eight.
LENGTHS = (24, 40, 64, 96, 160, 256, 512)


def pad(encoded: list[list[int]], at: Ints, length: int, rows: int) -> tuple[Tensor, Tensor]:
    """Return ids and attention mask (rows, length); missing rows are empty texts."""
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
    """Yield one epoch in batches of equal padded size; a row of weight w occurs w times on average."""
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


def mixed(hard: Iterator[Batch], soft: Iterator[Batch], config: FinetuneConfig, number: int) -> Iterator[Any]:
    """Yield an epoch's batches interleaved with soft-label batches: ``(soft?, batch)``."""
    rng = np.random.default_rng((config.seed, 9, number))
    for batch in hard:
        yield False, batch
        while rng.random() < config.share and (more := next(soft, None)) is not None:
            yield True, more


def taught_batches(config: FinetuneConfig, number: int) -> Iterator[Batch]:
    """Yield soft-label batches, pass after pass, with their probabilities in place of row numbers.

    The parts are reread for every pass, so that teachers may still be writing. The order differs in every epoch of
    the labelled rows.
    """
    turn = 0
    while config.soft:
        lesson = taught.read(config.soft, config.max_length)
        LOG.info("finetune: %d taught texts", len(lesson.encoded))
        ones = np.ones(len(lesson.encoded), np.float32)
        for ids, attention, at in epoch(lesson.encoded, ones, config, 1_000_000 + 1000 * number + turn):
            yield ids, attention, lesson.p[at].astype(np.float32)
        turn += 1


def build(config: FinetuneConfig) -> Classifier:
    """Build the classifier and load its encoder from a checkpoint of pretraining or of an earlier round."""
    state = torch.load(work_dir() / f"{config.source}.pt", weights_only=True)
    # a pretrained checkpoint's other weights are the masked-word head; an earlier round's are our task heads
    encoder = {n: v for n, v in state["model"].items() if n.startswith(("bert.", "classifier."))}
    # Pretraining never trains positions beyond its window.
    encoder[PLACES] = lengthened(encoder[PLACES], NetConfig.positions, state["config"].get("length"))
    model = Classifier(replace(shape_of(encoder), dropout=config.dropout))
    missing, unexpected = model.load_state_dict(encoder, strict=False)
    if unexpected or any(not n.startswith("classifier.") for n in missing):
        raise ValueError(f"checkpoint and encoder differ: {missing} {unexpected}")
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
    parameters = state[weights]
    model = Classifier(shape_of(parameters))
    model.load_state_dict(parameters)
    model.eval()
    return model


class FineTuningRun:
    """One fine-tuning run: the model, its optimiser, its weight average and its progress."""

    def __init__(self, config: FinetuneConfig, model: Classifier, ranks: Ranks) -> None:
        self.config, self.model, self.ranks = config, model, ranks
        self.optim = adam(model.parameters(), config.rate, config.decay)
        self.mean = Averaged(model, config.ema)
        self.path = work_dir() / f"{config.name}.pt"
        self.step, self.used, self.number, self.seen = 0, 0.0, 0, 0
        self.minutes, self.began = 0.0, time.monotonic()

    def resume(self) -> None:
        """Resume from the checkpoint of the same name, if there is one."""
        if not self.path.exists():
            return
        state = torch.load(self.path, weights_only=True)
        self.model.load_state_dict(state["model"])
        self.optim.load_state_dict(state["optim"])
        self.mean.mean, self.mean.steps = state["ema"], state["step"]
        self.step, self.used = state["step"], state["minutes"]
        self.number = state["epoch"] + 1
        self.seen = state.get("tokens", self.step * self.config.tokens * self.ranks.size)
        self.minutes = self.used
        LOG.info("finetune: resumed at step %d, %.1f minutes", self.step, self.used)

    def done(self) -> float:
        """Return the completed fraction of the run; 1 = all."""
        if self.config.steps:
            return self.step / self.config.steps
        return self.minutes / self.config.minutes

    def learn(self, loss: Tensor) -> None:
        """Take one step on the loss averaged over all ranks."""
        config = self.config
        for group in self.optim.param_groups:
            group["lr"] = config.rate * min(1.0, (self.step + 1) / config.warmup) * max(0.0, 1 - self.done())
        loss.backward()  # type: ignore[no-untyped-call]
        spent = self.used + (time.monotonic() - self.began) / 60
        self.minutes = self.ranks.average(self.model, spent)[0]
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optim.step()
        self.optim.zero_grad(set_to_none=True)
        self.step += 1
        self.mean.note()

    def averaged(self) -> Classifier:
        """Return a model with the averaged weights."""
        model = copy.deepcopy(self.model)
        model.load_state_dict(self.mean.mean)
        return model

    def checkpoint(self) -> None:
        """Write the checkpoint, on the first rank only."""
        if self.ranks.rank:
            return
        state: State = {"model": self.model.state_dict(), "ema": self.mean.mean, "optim": self.optim.state_dict()}
        facts = {"config": asdict(self.config), "step": self.step, "minutes": self.minutes}
        save(self.path, state | facts | {"epoch": self.number, "tokens": self.seen})


def training_rows(config: FinetuneConfig) -> tasks.Rows:
    """Return the labelled rows, weighted as the settings say."""
    without = tuple(name for name in config.without.split(",") if name)
    rows = tasks.train_rows(
        config.power, config.neutral, augment=config.augment, own=config.own, made=config.made, without=without
    )
    if config.noise:
        # A row occurs as often as its weight says (see `epoch`): on average that multiplies its loss.
        rows.weight *= noise.weights(rows, config.noise, config.least, config.strength)
    return rows


def train(run: FineTuningRun, rows: tasks.Rows, encoded: list[list[int]]) -> None:
    """Run to the end, with a checkpoint every few minutes."""
    config, ranks = run.config, run.ranks
    compiled = torch.compile(run.model, dynamic=False) if config.compiled else run.model
    last = saved_at = time.monotonic()
    means, tokens = {False: 0.0, True: 0.0}, 0
    wanted = Targets.of(rows.target, rows.two, rows.six, ~tasks.SIX)
    points = curve.Curve(config.name, config.max_length) if config.curve and not ranks.rank else None
    while run.done() < 1:
        hard, soft = epoch(encoded, rows.weight, config, run.number), taught_batches(config, run.number)
        for is_soft, (ids, attention, truth) in ranks.mine(mixed(hard, soft, config, run.number)):
            with torch.autocast("cpu", torch.bfloat16, enabled=config.bf16):
                logits, _ = compiled(ids, attention)
            if is_soft:
                loss = soft_loss(logits, torch.from_numpy(truth), config)
            else:
                loss = hard_loss(logits, wanted.take(torch.from_numpy(truth)), config)
            value = loss.item()
            run.learn(loss)
            tokens += ids.numel() * ranks.size
            run.seen += ids.numel() * ranks.size
            means[is_soft] = value if not means[is_soft] else 0.99 * means[is_soft] + 0.01 * value
            if run.step % 100 == 0:
                now = time.monotonic()
                LOG.info(
                    "epoch %d step %d loss %.4f soft %.4f tokens/s %.0f minute %.1f",
                    run.number, run.step, means[False], means[True], tokens / (now - last), run.minutes,
                )  # fmt: skip
                last, tokens = now, 0
            if points and (run.step % config.curve == 0 or run.done() >= 1):
                points.note(run.step, run.seen, partial(predict, run.averaged()))
            if time.monotonic() - saved_at > config.save_minutes * 60:
                run.checkpoint()
                saved_at = time.monotonic()
            if run.done() >= 1:
                break
        run.number += 1
    run.checkpoint()


def main(argv: list[str]) -> int:
    """Fine-tune to the last step or minute; write ``<name>.pt`` periodically, resume from it, report on dev."""
    config = parse(FinetuneConfig, "finetune", argv)
    ranks = Ranks()
    torch.set_num_threads(max(1, config.threads // ranks.size))
    torch.manual_seed(config.seed)
    tok = tasks.tokenizer(config.max_length)
    rows = training_rows(config)
    encoded = tasks.encode(tok, rows.text)
    run = FineTuningRun(config, build(config), ranks)
    run.resume()
    LOG.info("finetune: %d rows, %d tokens", len(encoded), sum(map(len, encoded)))
    train(run, rows, encoded)
    if ranks.rank:
        return 0
    final = load(run.path)
    tasks.report_dev(config.name, tok, lambda batch: predict(final, batch))
    return 0

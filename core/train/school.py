"""Train teachers and pupils on packed texts: labels, soft labels from teachers, and evaluation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.prefetch import Prefetcher
from core.train.config import LOG
from core.train.losses import Targets, hard_loss, soft_loss
from core.train.machine import DEVICE, Averaged, adam, learn, on_device, precise, ready
from core.train.masked import layout
from core.train.net import LOGITS, PLACES, SPANS, Classifier, NetConfig, lengthened
from core.train.packed import READ, Ints, Pack, Texts
from core.train.plan import SittingConfig, Stage, laid

State = dict[str, Tensor]
#: Packs prepared in a background thread while the device trains.
WAITING = 8


def classifier(state: State, shape: NetConfig, config: SittingConfig) -> Classifier:
    """Build a classifier from pretrained or classifier weights; untrained positions repeat the last trained ones."""
    model = Classifier(shape)
    if not any(name.startswith("classifier.") for name in state):
        state = {name: value for name, value in state.items() if name.startswith("bert.")}
        state[PLACES] = lengthened(state[PLACES], shape.positions, READ)
    model.load_state_dict(state, strict=False)
    ready(model, config.compiled)
    return model


def longest(texts: Texts) -> int:
    """Return the tokens of the longest text."""
    return int(texts.length.max(initial=0))


def answer(model: Classifier, ids: Tensor, first: Tensor) -> Tensor:
    """Return logits (texts, 13) of packed texts."""
    positions, mask = layout(ids)
    with precise():
        return model.answer(model.bert(ids, positions, mask).flatten(0, 1)[first])[0].float()


def ask(models: list[Classifier], texts: Texts, at: Ints, config: SittingConfig) -> Tensor:
    """Return the mean log-probabilities of models, renormalised per head: (selected texts, 13), float16."""
    out = torch.zeros(len(texts), LOGITS, dtype=torch.float16, device=DEVICE)
    for model in models:
        model.eval()
    with torch.no_grad():
        for pack in Prefetcher(texts.packs(at, *laid(config, longest(texts))), depth=WAITING, name="packs"):
            ids, first = on_device(pack.ids), on_device(pack.first)
            said = [answer(model, ids, first) for model in models]
            heads = []
            for span in SPANS.values():
                mean = torch.stack([one[:, span].log_softmax(1) for one in said]).mean(0)
                heads.append(mean.log_softmax(1))
            out[on_device(pack.rows)] = torch.cat(heads, 1).to(out.dtype)
    for model in models:
        model.train()
    return out[torch.from_numpy(at).to(DEVICE)]


def blended(said: Tensor, elder: Tensor, share: float) -> Tensor:
    """Return the weighted mean of two models' log-probabilities, renormalised per head: (texts, 13), float16."""
    mean = said.float().lerp(elder.float(), share)
    return torch.cat([mean[:, span].log_softmax(1) for span in SPANS.values()], 1).half()


def drawn(weight: NDArray[np.float32], rng: np.random.Generator) -> Ints:
    """Return rows in random order; a row of weight w occurs w times on average."""
    return rng.permutation(
        np.repeat(np.arange(len(weight)), np.floor(weight + rng.random(len(weight))).astype(np.int64))
    )


def measure(name: str, p: NDArray[np.float32], table: dict[str, NDArray[Any]]) -> dict[str, float]:
    """Log and return the accuracy on every set; two-class sets are scored on negative against positive."""
    found: dict[str, float] = {}
    for origin in dict.fromkeys(table["origin"].tolist()):
        at = table["origin"] == origin
        two = table["two"][at].all()
        head = "sentiment"
        if (table["offensive"][at] >= 0).all():
            head = "offensive"
        elif (table["emotion"][at] >= 0).any():
            head = "emotion"
        known = table[head][at] >= 0
        logp = p[at][:, SPANS[head]].copy()
        if two:
            logp[:, 1] = -np.inf
        if table["six"][at].all():
            logp[:, table["closed"]] = -np.inf
        found[origin] = float(np.mean(logp.argmax(1)[known] == table[head][at][known]))
    pairs = [value for origin, value in found.items() if table["two"][table["origin"] == origin].all()]
    shown = ", ".join(f"{origin} {value:.4f}" for origin, value in found.items())
    LOG.info("%s: %s; mean of %d two-class sets %.4f", name, shown, len(pairs), sum(pairs) / max(1, len(pairs)))
    return found


@dataclass(frozen=True)
class TrainingData:
    """Training data and evaluation: train rows with labels and weights, and the held-out sets."""

    train: Texts
    wanted: Targets
    weight: NDArray[np.float32]
    eval_sets: list[tuple[str, Texts, dict[str, NDArray[Any]]]]
    vocab: int

    def evaluate(
        self, name: str, models: list[Classifier], config: SittingConfig, elder: Mapping[str, Tensor] | None = None
    ) -> dict[str, float]:
        """Measure models on the held-out rows, alone or combined with an elder's outputs."""
        found: dict[str, float] = {}
        for eval_set, texts, table in self.eval_sets:
            said = ask(models, texts, np.arange(len(texts)), config)
            if elder:
                said = blended(said, elder[eval_set], config.elder_share)
            found |= measure(f"{name} {eval_set}", said.float().cpu().numpy(), table)
        return found


class Taught(NamedTuple):
    """Corpus texts, and the teachers' log-probabilities (texts, 13) on them and on the train rows."""

    texts: Texts
    of_texts: Tensor
    of_train: Tensor


def lessons(
    training: TrainingData, config: SittingConfig, seed: int, taught: Taught | None
) -> Iterator[tuple[bool, Pack]]:
    """Yield packs endlessly: whether from the corpus, and the pack."""
    rng = np.random.default_rng((config.seed, seed))

    def endless(texts: Texts, weight: NDArray[np.float32]) -> Iterator[Pack]:
        windows, length = laid(config, longest(texts))
        while True:
            yield from texts.packs(drawn(weight, rng), windows, length)

    hard = endless(training.train, training.weight)
    soft = endless(taught.texts, np.ones(len(taught.texts), np.float32)) if taught else hard
    while True:
        is_soft = taught is not None and rng.random() < config.soft
        yield is_soft, next(soft if is_soft else hard)


def study(
    model: Classifier, training: TrainingData, config: SittingConfig, stage: Stage, taught: Taught | None = None
) -> None:
    """Train all heads until the stage is over; the final weights are their running mean.

    Args:
        model: Modified in place.
        training: Labelled rows.
        config: Settings.
        stage: Its time and rate; its steps are counted.
        taught: Teacher outputs; without them only labels are used.
    """
    optim = adam(model.parameters(), stage.highest, config.decay)
    stream = Prefetcher(lessons(training, config, sum(stage.name.encode()), taught), depth=WAITING, name="packs")
    averaged = Averaged(model, config.ema)
    mean = 0.0

    def loss_of(is_soft: bool, pack: Pack) -> Tensor:
        ids, first, rows = (on_device(array) for array in pack)
        logits = answer(model, ids, first)
        if taught and is_soft:
            return soft_loss(logits, taught.of_texts[rows].float().exp(), config)
        loss = hard_loss(logits, training.wanted.take(rows), config)
        if not taught:
            return loss
        return (1 - config.blend) * loss + config.blend * soft_loss(logits, taught.of_train[rows].float().exp(), config)

    loss_of(*next(stream)).backward()  # type: ignore[no-untyped-call]  # compiled before the clock starts
    optim.zero_grad(set_to_none=True)
    stage.begin()
    for is_soft, pack in stream:
        if stage.done() >= 1:
            break
        loss = loss_of(is_soft, pack)
        learn(optim, model, loss, stage.rate())
        averaged.note()
        stage.note(pack.ids.size)
        if stage.step % 10 == 0:
            mean = loss.item() if not mean else 0.95 * mean + 0.05 * loss.item()
        if stage.step % 400 == 0:
            stage.report(mean)
    stream.close()
    stage.report(mean)
    averaged.settle()

"""Customer satisfaction: ridge regression on hashed n-grams by position and on features from the built-in model.

Solved in dual form, because there are forty times fewer dialogues than weights. The penalty and the weight of the model
features relative to the words are chosen by inner folds of the training dialogues; the reported correlation is on
outer folds. Under three minutes on two cores; rerun it whenever the built-in model is retrained.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.stats import spearmanr

from core.derive.listening import HeardTalk, hears_all, listen
from core.derive.talks import Talk
from core.files import atomic_write
from core.mine.dialogue import Round, Turn
from core.mine.dialogue.features import dense, grams
from core.mine.dialogue.grams import BITS
from core.mine.dialogue.satisfaction import FILE, SPREAD
from core.results import AGENT, CUSTOMER
from core.score import load
from core.train.config import LOG, data_dir, parse

Array = NDArray[np.float64]
Rows = NDArray[np.int64]
_ROLES = {"customer": CUSTOMER, "helpdesk": AGENT}
_BLOCK = 500
#: Candidate penalties and weights of the model features.
PENALTIES, SHARES = (1.5, 3.0, 6.0), (0.2, 0.4, 0.8)


@dataclass(frozen=True)
class DialogueConfig:
    """Settings of ``dialogue``."""

    data: str = "dialogue/stc3_helpdesk.train.jsonl.gz"
    backend: str = "builtin"
    out: str = str(FILE)
    folds: int = 5
    inner_folds: int = 3
    seed: int = 7


@dataclass(frozen=True)
class Examples:
    """Dialogues with their annotated satisfaction.

    ``words``: (n, 2 ** BITS) sparse; ``alike``: (n, n), word similarity (kernel) of two dialogues; ``numbers``:
    (n, WIDTH); ``truth``: (n,) on −2…2.
    """

    talks: list[HeardTalk]
    words: csr_matrix
    alike: Array
    numbers: Array
    truth: Array


def main(argv: list[str]) -> int:
    """Measure on outer folds, train on all dialogues, write the weights and their card."""
    config = parse(DialogueConfig, "dialogue", argv)
    backend = load(config.backend)
    if not hears_all(backend):
        LOG.error("%s has no emotion and offence heads", config.backend)
        return 2
    examples = read(data_dir() / config.data, config)
    LOG.info("dialogue %d read", len(examples.truth))
    found = held_out(examples, config)
    LOG.info("dialogue held out: %s", {name: round(spearman(p, examples.truth), 4) for name, p in found.items()})
    whole, alone = _weights(examples, SHARES, config), _weights(examples, (0.0,), config)
    out = Path(config.out)
    out.parent.mkdir(parents=True, exist_ok=True)
    with atomic_write(out) as file:
        np.savez_compressed(
            file,
            words=np.stack([whole[0], alone[0]]).astype(np.float16),
            numbers=whole[1].astype(np.float32),
            centre=whole[2].astype(np.float32),
            scale=whole[3].astype(np.float32),
            backend=np.array(backend.version),
        )
    out.with_name("card.md").write_text(_card(examples, found, config, backend.version), "utf-8")
    LOG.info("dialogue %s %d kB", out, out.stat().st_size // 1000)
    return 0


def read(path: Path, config: DialogueConfig) -> Examples:
    """Read the annotated dialogues and compute their features."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        held = [json.loads(line) for line in file]
    talks = [_talk(one) for one in held]
    backend = load(config.backend)
    heard = [one for i in range(0, len(talks), _BLOCK) for one in listen(talks[i : i + _BLOCK], backend)]
    truth = np.array([one["satisfaction"] for one in held], np.float64)
    rounds = [one.rounds for one in heard]
    words, numbers = words_of(rounds), np.stack([dense(one) for one in rounds]).astype(np.float64)
    return Examples(heard, words, (words @ words.T).toarray(), numbers, truth)


def words_of(talks: Sequence[Sequence[Round]]) -> csr_matrix:
    """Return the hashed n-grams of dialogues, shape (n, 2 ** BITS)."""
    counted = [grams(rounds) for rounds in talks]
    ends = np.cumsum([0, *(len(buckets) for buckets, _ in counted)])
    values = np.concatenate([values for _, values in counted]).astype(np.float64)
    matrix = csr_matrix((values, np.concatenate([b for b, _ in counted]), ends), (len(talks), 2**BITS))
    matrix.sum_duplicates()
    return matrix


def folds(n: int, config: DialogueConfig) -> Rows:
    """Return the fold of each dialogue; deterministic in the seed."""
    return np.random.default_rng(config.seed).permutation(n) % config.folds


def held_out(examples: Examples, config: DialogueConfig) -> dict[str, Array]:
    """Return out-of-fold predictions; the settings too are chosen without the held-out dialogues.

    Returns:
        ``whole``: words and model features; ``words``: words alone.
    """
    fold = folds(len(examples.truth), config)
    found = {"whole": np.zeros(len(fold)), "words": np.zeros(len(fold))}
    for f in range(config.folds):
        train, test = np.flatnonzero(fold != f), np.flatnonzero(fold == f)
        kernels = _kernels(examples, train)
        for name, shares in (("whole", SHARES), ("words", (0.0,))):
            settings = _chosen(examples, train, shares, config)
            found[name][test] = _predict(kernels, settings, examples.truth, train, test)
            LOG.info("dialogue fold %d %s: penalty and share %s", f, name, settings)
    return found


def spearman(predicted: Array, truth: Array) -> float:
    """Return the rank correlation."""
    return float(spearmanr(predicted, truth)[0])


def _talk(one: dict[str, object]) -> Talk:
    turns = one["turns"]
    if not isinstance(turns, list):
        raise ValueError("turns must be a list")
    said = tuple(Turn(_ROLES[turn["speaker"]], turn["speaker"], turn["text"]) for turn in turns)
    return Talk(str(one["id"]), "", said, (0,) * len(said))


def _standard(numbers: Array, train: Rows) -> tuple[Array, Array, Array]:
    """Return standardised features with their centre and scale, estimated on the training part."""
    centre, scale = numbers[train].mean(axis=0), numbers[train].std(axis=0)
    scale = np.where(scale > 1e-6, scale, 1.0)
    return np.clip((numbers - centre) / scale, -SPREAD, SPREAD), centre, scale


def _kernels(examples: Examples, train: Rows) -> tuple[Array, Array]:
    """Return the kernels of words and of model features, both (n, n)."""
    standard, _, _ = _standard(examples.numbers, train)
    return examples.alike, standard @ standard.T / standard.shape[1]


def _dual(alike: Array, truth: Array, penalty: float) -> tuple[Array, float]:
    mean = float(truth.mean())
    return np.asarray(np.linalg.solve(alike + penalty * np.eye(len(alike)), truth - mean), np.float64), mean


def _predict(
    kernels: tuple[Array, Array], settings: tuple[float, float], truth: Array, train: Rows, test: Rows
) -> Array:
    """Predict ``test`` from ``train``; settings are the penalty and the weight of the model features."""
    alike = kernels[0] + settings[1] * kernels[1]
    weights, mean = _dual(alike[np.ix_(train, train)], truth[train], settings[0])
    return np.asarray(alike[np.ix_(test, train)] @ weights + mean)


def _chosen(examples: Examples, train: Rows, shares: Sequence[float], config: DialogueConfig) -> tuple[float, float]:
    """Return the penalty and weight that do best on inner folds of the training dialogues."""
    fold = np.random.default_rng(config.seed + 1).permutation(len(train)) % config.inner_folds
    found = {(penalty, share): 0.0 for share in shares for penalty in PENALTIES}
    for f in range(config.inner_folds):
        inner, check = train[fold != f], train[fold == f]
        kernels = _kernels(examples, inner)
        for settings in found:
            guess = _predict(kernels, settings, examples.truth, inner, check)
            found[settings] += spearman(guess, examples.truth[check])
    return max(found, key=found.__getitem__)


def _weights(examples: Examples, shares: Sequence[float], config: DialogueConfig) -> tuple[Array, Array, Array, Array]:
    """Return the weights of words with their constant, of model features, and the features' centre and scale."""
    every = np.arange(len(examples.truth))
    penalty, share = _chosen(examples, every, shares, config)
    standard, centre, scale = _standard(examples.numbers, every)
    kernels = _kernels(examples, every)
    dual, mean = _dual(kernels[0] + share * kernels[1], examples.truth, penalty)
    LOG.info("dialogue all: penalty %g share %g", penalty, share)
    return np.append(examples.words.T @ dual, mean), share * (standard.T @ dual) / standard.shape[1], centre, scale


def _card(examples: Examples, found: dict[str, Array], config: DialogueConfig, backend: str) -> str:
    fold, truth = folds(len(examples.truth), config), examples.truth
    lines = []
    for name, title in (("whole", "words and what the built-in model hears"), ("words", "words alone")):
        each = [spearman(found[name][fold == f], truth[fold == f]) for f in range(config.folds)]
        shown = " ".join(f"{one:.3f}" for one in each)
        lines.append(f"| {title} | {np.mean(each):.3f} ± {np.std(each):.3f} | {shown} |")
    return f"""# Satisfaction of customers

Written by `python -m core train dialogue`. `satisfaction.npz`: arrays of numbers, no pickle.

- Answers: the satisfaction of the customer of a Chinese service dialogue, −2…2, as about nineteen people would judge.
- Method: ridge regression. Inputs: hashed runs of 1–3 characters by place (customer's first turn, later ones, last one;
  agent's turns, last one; the end), cues such as thanks and threats, and sentiment, emotion and offence that the
  built-in model hears in each turn and sentence. A second set of weights uses the words alone: it serves other models.
- Sentiment model it was trained with: version `{backend}`. With any other version the words alone are used.
- Data: {len(truth):,} Chinese customer–helpdesk dialogues from weibo, NTCIR STC-3 (research use; no licence for the
  data is stated, so the weights are for research and internal use until cleared).
- Limits: written dialogues of some turns, from weibo of 2011–2018; shops, airlines, banks, software. Not Chinese or
  without a customer: the plain mood is used. Not for judging single employees without reading.

Spearman correlation with the annotated satisfaction, {config.folds} folds, settings chosen within the training folds:

| inputs | mean ± SD | folds |
|---|---|---|
{chr(10).join(lines)}
"""

"""The wide part: logistic regression on word 1–3-grams, stored in a hash table with check values.

A gram's bucket and its 16-bit check value are sums and products of token ids, so the same lookup is a few ONNX
operators. The check makes unseen grams contribute nothing, where plain feature hashing would add a colliding weight.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, sparse
from scipy.special import expit, log_softmax, softmax

from core.schema import NEUTRAL
from core.train import noise, tasks
from core.train.config import LOG, parse, work_dir
from core.train.net import SPANS

Ints = NDArray[np.int64]
Floats = NDArray[np.float32]
Table = dict[str, NDArray[Any]]
Loss = Callable[[Floats], tuple[float, Floats]]
# Odd multipliers below 2**31: products with token ids below 2**16 stay well within int64.
BUCKET_MUL = (1_540_483_477, 1_597_334_677, 2_024_237_689)
CHECK_MUL = (747_796_405, 1_181_783_497, 1_274_126_177)
CHECKS = 65_521
ORDERS = 3
# Neutral means "both good and bad" in product reviews, "no feeling" on weibo, "no opinion on this part" in aspect
# sets. A linear model cannot hold several meanings: together they cost ecom_reviews_3class .17 of macro-F1. It learns
# the reviewers' meaning; the deep part, which can infer a text's source, learns all of them.
OTHER_NEUTRAL = (
    "absa_zhang_triplets", "bdci_car2018", "smp2020_usual", "smp2020_virus", "weibo_emotion8",
)  # fmt: skip
# Rows written or generated for this project: polar ones train the wide part on negative against positive only,
# because a turn (但) would mean "mixed" to it; the neutral ones count as little as `OTHER_NEUTRAL`.
OWN = ("own_comments", "made_up")
SLOTS = 4  # grams per bucket: with one, frequent grams would evict each other


@dataclass(frozen=True)
class WideConfig:
    """Settings of ``wide``."""

    sentiment_rows: int = 524_288  # of 8 bytes
    other_rows: int = 262_144  # of 22 bytes, for emotion and offensive
    min_texts: int = 3  # grams in fewer train texts are dropped
    penalty: float = 6.0e-5  # L2 on weights before idf is folded in, per row
    iterations: int = 60
    three: float = 0.0  # weight of the three-class loss on rows with two-class labels
    neutral: float = 3.0  # weight of the sets with three classes, see `tasks.train_rows`
    others: float = 0.05  # weight of rows whose neutral does not mean a mixed review, see `OTHER_NEUTRAL`
    own: float = 2.0  # weight of each comment written for this project
    made: float = 0.4  # weight of each synthetic or altered row
    noise: str = ""  # file of the step ``noise``; empty = trust every label
    least: float = 0.2  # weight of the most doubtful row
    strength: float = 1.0  # exponent of the self-confidence of a doubted row
    max_length: int = 512
    name: str = "wide"  # stem of the file in the work folder


def grams(ids: Ints, text: Ints) -> list[tuple[Ints, Ints]]:
    """List the grams of every order over flat token ids.

    Args:
        ids: Concatenated token ids of all texts, with [CLS] and [SEP] as boundary words.
        text: The text each token belongs to.

    Returns:
        For each order 1…3 the tokens (grams, 3), padded with -1, and the text of each gram.
    """
    result = []
    for order in range(1, ORDERS + 1):
        n = len(ids) - order + 1
        good = np.flatnonzero(text[:n] == text[order - 1 :])
        rows = np.full((len(good), ORDERS), -1, np.int64)
        for place in range(order):
            rows[:, place] = ids[good + place]
        result.append((rows, text[good]))
    return result


def bucket(rows: Ints, buckets: int) -> Ints:
    """Return each gram's bucket, 0 ≤ bucket < buckets."""
    return np.asarray((rows + 1) @ np.array(BUCKET_MUL) // 8 % buckets)


def check(rows: Ints) -> Ints:
    """Return each gram's check value, 1 ≤ value ≤ 65521 (0 marks an empty row)."""
    return np.asarray((rows + 1) @ np.array(CHECK_MUL) % CHECKS + 1)


def key(rows: Ints) -> Ints:
    """Return a collision-free key for each gram (token ids below 2**20)."""
    return ((rows[:, 0] + 1) << 40) + ((rows[:, 1] + 1) << 20) + rows[:, 2] + 1


def matrix(encoded: list[list[int]], keys: Ints | None, min_texts: int) -> tuple[sparse.csr_matrix, Ints, Ints]:
    """Count grams per text.

    Args:
        encoded: Token ids of each text.
        keys: Sorted gram keys to use as columns; None = learn them.
        min_texts: When learning, the fewest texts a gram must occur in.

    Returns:
        Counts (texts, columns), the column keys and the grams' tokens (columns, 3; empty when ``keys`` was given).
    """
    ids = np.concatenate([np.array(e, np.int64) for e in encoded])
    text = np.repeat(np.arange(len(encoded)), [len(e) for e in encoded])
    found = grams(ids, text)
    rows = np.concatenate([g for g, _ in found])
    owner = np.concatenate([t for _, t in found])
    all_keys = key(rows)
    tokens = np.zeros((0, ORDERS), np.int64)
    if keys is None:
        # Document frequency: count each (gram, text) pair once.
        order = np.lexsort((owner, all_keys))
        k, t = all_keys[order], owner[order]
        new_pair = np.ones(len(k), bool)
        new_pair[1:] = (k[1:] != k[:-1]) | (t[1:] != t[:-1])
        names, seen = np.unique(k[new_pair], return_counts=True)
        keys = names[seen >= min_texts]
        tokens = np.stack([keys >> 40, keys >> 20 & 0xFFFFF, keys & 0xFFFFF], 1) - 1
    at = np.searchsorted(keys, all_keys)
    at[at == len(keys)] = 0
    hit = keys[at] == all_keys
    ones = np.ones(int(hit.sum()), np.float32)
    table = sparse.coo_matrix((ones, (owner[hit], at[hit])), (len(encoded), len(keys))).tocsr()
    return table, keys, tokens


def scale_rows(counts: sparse.csr_matrix) -> sparse.csr_matrix:
    """Divide each text's counts by the square root of its number of known grams (plus one)."""
    total = np.asarray(counts.sum(1)).ravel()
    return sparse.csr_matrix(sparse.diags((1 / np.sqrt(total + 1)).astype(np.float32)) @ counts)


def sentiment_loss(
    logits: Floats, y: Ints, two: NDArray[np.bool_], weight: Floats, three: float
) -> tuple[float, Floats]:
    """Return the loss and its gradient for mixed two- and three-class rows.

    Two-class rows contribute p(positive) against p(negative), and slightly a penalty for the neutral class.
    """
    logp = log_softmax(logits, 1)
    share = np.where(two, three, 1.0).astype(np.float32) * weight
    at = np.arange(len(y))
    loss = -float((share * logp[at, y]).sum())
    grad = softmax(logits, 1)
    grad[at, y] -= 1
    grad *= share[:, None]
    sign = np.where(y == 2, 1.0, -1.0).astype(np.float32)
    margin = sign * (logits[:, 2] - logits[:, 0])
    rest = np.where(two, weight, 0).astype(np.float32)
    loss += float((rest * np.logaddexp(0, -margin)).sum())
    push = (-rest * expit(-margin) * sign).astype(np.float32)
    grad[:, 2] += push
    grad[:, 0] -= push
    return loss, grad


def class_loss(
    logits: Floats, y: Ints, weight: Floats, allowed: NDArray[np.bool_] | None = None
) -> tuple[float, Floats]:
    """Return weighted cross-entropy over each row's allowed classes and its gradient."""
    at = np.arange(len(y))
    if allowed is not None:
        logits = np.where(allowed, logits, np.float32(-1e4))
    loss = -float((weight * log_softmax(logits, 1)[at, y]).sum())
    grad = softmax(logits, 1)
    grad[at, y] -= 1
    return loss, grad * weight[:, None]


def fit(x: sparse.csr_matrix, classes: int, loss: Loss, config: WideConfig) -> tuple[Floats, Floats]:
    """Minimise a convex loss of linear logits with L-BFGS.

    Returns:
        Weights (columns, classes) and biases (classes,).
    """
    columns = x.shape[1]
    transposed = x.T.tocsr()
    rows = x.shape[0]

    def objective(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        w = flat[:-classes].reshape(columns, classes).astype(np.float32)
        value, grad = loss(np.asarray(x @ w + flat[-classes:].astype(np.float32)))
        value = value / rows + 0.5 * config.penalty * float((w**2).sum())
        slope = np.asarray(transposed @ (grad / rows)) + config.penalty * w
        return value, np.concatenate([slope.ravel(), grad.sum(0) / rows]).astype(np.float64)

    start = np.zeros((columns + 1) * classes)
    best = optimize.minimize(
        objective, start, jac=True, method="L-BFGS-B", options={"maxiter": config.iterations, "maxcor": 6}
    )
    flat = best.x.astype(np.float32)
    return flat[:-classes].reshape(columns, classes), flat[-classes:]


def place(tokens: Ints, worth: Floats, rows: int) -> tuple[Ints, Ints]:
    """Choose which grams get a row: the `SLOTS` most valuable of each bucket.

    Args:
        tokens: Grams, shape (n, 3).
        worth: Shape (n,).
        rows: Rows of the table, a multiple of `SLOTS`.

    Returns:
        The indices of the kept grams and the row of each.
    """
    home = bucket(tokens, rows // SLOTS)
    order = np.lexsort((-worth, home))
    home = home[order]
    first = np.searchsorted(home, home)
    slot = np.arange(len(home)) - first
    kept = slot < SLOTS
    return order[kept], home[kept] * SLOTS + slot[kept]


def look_up(table: Table, rows: Ints) -> tuple[Ints, NDArray[np.bool_]]:
    """Return each gram's row in the table and whether it has one."""
    home = bucket(rows, len(table["rows"]) // SLOTS)
    same = table["checks"].reshape(-1, SLOTS)[home] == check(rows)[:, None]
    return home * SLOTS + same.argmax(1), same.any(1)


def train_heads(
    x: sparse.csr_matrix, rows: tasks.Rows, heads: tuple[str, ...], config: WideConfig
) -> tuple[Floats, Floats]:
    """Fit some heads; return weights (columns, classes of all heads) and biases."""
    weights, biases = [], []
    for name in heads:
        y = rows.target[name]
        known = np.flatnonzero(y >= 0)
        part, y, importance = x[known], y[known], rows.weight[known]
        if name == "sentiment":
            loss: Loss = partial(sentiment_loss, y=y, two=rows.two[known], weight=importance, three=config.three)
        else:
            allowed = np.where(rows.six[known][:, None], tasks.SIX, True) if name == "emotion" else None
            loss = partial(class_loss, y=y, weight=importance, allowed=allowed)
        began = time.monotonic()
        span = SPANS[name]
        w, b = fit(part, span.stop - span.start, loss, config)
        LOG.info("wide: %s on %d rows, %.0f s", name, len(known), time.monotonic() - began)
        weights.append(w)
        biases.append(b)
    return np.concatenate(weights, 1), np.concatenate(biases)


def logits(tables: list[Table], encoded: list[list[int]]) -> Floats:
    """Compute the wide logits from the stored tables, as the ONNX graph does.

    Args:
        tables: One per group of heads, see `make_table`.
        encoded: Token ids of each text with [CLS] and [SEP].

    Returns:
        Shape (texts, 13).
    """
    ids = np.concatenate([np.array(e, np.int64) for e in encoded])
    found = grams(ids, np.repeat(np.arange(len(encoded)), [len(e) for e in encoded]))
    rows, owner = np.concatenate([g for g, _ in found]), np.concatenate([t for _, t in found])
    parts = []
    for table in tables:
        at, hit = look_up(table, rows)
        pick = sparse.coo_matrix(
            (np.ones(int(hit.sum()), np.float32), (owner[hit], at[hit])), (len(encoded), len(table["rows"]))
        ).tocsr()
        known = np.asarray(pick.sum(1)).ravel()
        total = pick @ table["rows"].astype(np.float32)
        parts.append(total / np.sqrt(known + 1)[:, None] + table["bias"])
    return np.concatenate(parts, 1).astype(np.float32)


def make_table(
    counts: sparse.csr_matrix,
    tokens: Ints,
    rows: tasks.Rows,
    heads: tuple[str, ...],
    *,
    size: int,
    config: WideConfig,
) -> Table:
    """Train one group of heads on the most frequent grams and store them in a table.

    float16 and not int8: the weights are heavy-tailed (但 alone decides many neutral reviews), and int8, by clipping
    or by rounding, reduced macro-F1 on ecom_reviews_3class from .91 to .71.

    Returns:
        ``rows`` (size, classes) float16, ``checks`` (size,) uint16, 0 = empty, ``bias`` (classes,).
    """
    seen = np.bincount(counts.indices, minlength=counts.shape[1]).astype(np.float32)
    idf = (np.log((1 + counts.shape[0]) / (1 + seen)) + 1).astype(np.float32)
    # By frequency, not by trained weight: grams selected for fitting the training labels do not generalise
    # (measured: 488k grams by weight did worse on dev than 260k, and worse than all 1.4M).
    keep, at = place(tokens, seen, size)
    LOG.info("wide: %s, %d grams have a row", heads, len(keep))
    weights, bias = train_heads(
        scale_rows(sparse.csr_matrix(counts[:, keep])) @ sparse.diags(idf[keep]), rows, heads, config
    )
    table = np.zeros((size, weights.shape[1]), np.float16)
    table[at] = weights * idf[keep, None]
    checks = np.zeros(size, np.uint16)
    checks[at] = check(tokens[keep])
    return {"rows": table, "checks": checks, "bias": bias}


def load(path: Path) -> list[Table]:
    """Read the tables written by ``wide``."""
    stored = np.load(path)
    return [{name: stored[f"{name}{i}"] for name in ("rows", "checks", "bias")} for i in range(2)]


def reviewers_view(rows: tasks.Rows, others: float) -> tasks.Rows:
    """Return the rows that the wide part learns sentiment from, see `OTHER_NEUTRAL` and `OWN`.

    Args:
        rows: From `tasks.train_rows`.
        others: Factor for the weight of rows with another meaning of neutral.
    """
    neutral = rows.target["sentiment"] == NEUTRAL
    own = np.isin(rows.origin, OWN)
    less = np.isin(rows.origin, OTHER_NEUTRAL) | (own & neutral)
    weight = np.where(less, rows.weight * others, rows.weight).astype(np.float32)
    return replace(rows, weight=weight, two=rows.two | (own & ~neutral))


def main(argv: list[str]) -> int:
    """Write ``<name>.npz`` (the tables) to the work folder and log accuracy on dev."""
    config = parse(WideConfig, "wide", argv)
    tok = tasks.tokenizer(config.max_length)
    rows = tasks.train_rows(neutral=config.neutral, own=config.own, made=config.made)
    if config.noise:
        rows.weight *= noise.weights(rows, config.noise, config.least, config.strength)
    plain = reviewers_view(rows, config.others)
    counts, _, tokens = matrix(tasks.encode(tok, rows.text), None, config.min_texts)
    LOG.info("wide: %d texts, %d grams, %d cells", *counts.shape, counts.nnz)
    tables = [
        make_table(counts, tokens, plain, ("sentiment",), size=config.sentiment_rows, config=config),
        make_table(counts, tokens, rows, ("emotion", "offensive"), size=config.other_rows, config=config),
    ]
    stored: dict[str, Any] = {f"{name}{i}": value for i, table in enumerate(tables) for name, value in table.items()}
    np.savez_compressed(work_dir() / f"{config.name}.npz", **stored)
    (work_dir() / f"{config.name}.json").write_text(json.dumps({"config": asdict(config)}), "utf-8")
    tasks.report_dev("wide", tok, partial(logits, tables))
    return 0

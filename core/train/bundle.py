"""Package the input of a sitting on another machine in a few small files: labelled rows and corpus as token ids.

That machine needs torch and numpy only. Token ids are more compact than their text: nine bits a token.
"""

from __future__ import annotations

import json
import lzma
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.train.config import LOG, data_dir, labelled_dir, parse, work_dir
from core.train.packed import Texts

PIECES = 8
ELDER = "elder.npz"
FILTERS = [{"id": lzma.FILTER_LZMA2, "preset": 6, "dict_size": 1 << 27}]


@dataclass(frozen=True)
class BundleConfig:
    """Settings of ``bundle``."""

    name: str = "bundle"  # folder in the work folder
    tokens: int = 48_000_000  # of the corpora, at most; all of zh_social_reviews comes first
    keep: float = 0.5  # share of zh_more eligible, see `core.train.pack`
    noise: str = "noise"  # file of the step ``noise``; empty = trust every label
    own: float = 2.0
    power: float = 0.4
    neutral: float = 2.5
    made: float = 0.4
    least: float = 0.2
    max_length: int = 512  # tokens of a labelled text
    seed: int = 1


def write_texts(folder: Path, name: str, texts: Texts) -> int:
    """Write texts in pieces that decompress in parallel; return the bytes written."""
    bounds = np.linspace(0, len(texts), PIECES + 1).astype(np.int64)

    def pack(piece: int) -> int:
        part = texts.take(np.arange(bounds[piece], bounds[piece + 1]))
        return (folder / f"{name}.{piece}.xz").write_bytes(
            lzma.compress(part.ids.tobytes(), format=lzma.FORMAT_XZ, filters=FILTERS)
        )

    with ThreadPoolExecutor() as pool:
        return sum(pool.map(pack, range(PIECES)))


def read_texts(folder: Path, name: str) -> Texts:
    """Read what `write_texts` wrote; every text begins with [CLS]."""
    with ThreadPoolExecutor() as pool:
        parts = list(pool.map(lambda i: lzma.decompress((folder / f"{name}.{i}.xz").read_bytes()), range(PIECES)))
    ids = np.concatenate([np.frombuffer(part, np.uint16) for part in parts])
    return Texts(ids, np.append(np.flatnonzero(ids == 2), len(ids)))


def write_elder(folder: Path, said: dict[str, NDArray[Any]]) -> int:
    """Write log-probabilities (texts, 13) as bytes: sixteenths of a nat, i.e. probabilities within 3 %.

    Args:
        folder: Of the bundle.
        said: Name of the texts → log-probabilities.

    Returns:
        The bytes written.
    """
    path = folder / ELDER
    np.savez_compressed(path, **{name: np.clip(-16 * p, 0, 255).round().astype(np.uint8) for name, p in said.items()})
    return path.stat().st_size


def read_elder(folder: Path) -> dict[str, NDArray[np.float16]]:
    """Read what `write_elder` wrote; empty if there is no such file."""
    if not (folder / ELDER).exists():
        return {}
    with np.load(folder / ELDER) as stored:
        return {name: stored[name].astype(np.float16) / -16 for name in stored}


def read_table(folder: Path, name: str) -> dict[str, NDArray[Any]]:
    """Read the row data: heads, two, six, weight, origin; ``closed``: emotions absent from SMP's six; ``vocab``."""
    with np.load(folder / f"{name}.npz") as stored:
        return dict(stored)


def main(argv: list[str]) -> int:
    """Write the folder: train and dev rows, our own held-out comments, and the corpora."""
    from core.train import comments, data, finetune, pack, tasks

    config = parse(BundleConfig, "bundle", argv)
    folder = work_dir() / config.name
    folder.mkdir(exist_ok=True)
    tok = tasks.tokenizer(config.max_length)
    settings = finetune.FinetuneConfig(
        power=config.power, neutral=config.neutral, own=config.own, made=config.made,
        noise=config.noise, least=config.least,
    )  # fmt: skip
    own = comments.read("dev")
    size = 0
    facts: dict[str, Any] = {"config": asdict(config)}
    for name, rows in (
        ("train", finetune.training_rows(settings)),
        ("dev", tasks.dev_rows(2500)),
        ("own", tasks.make_rows([("own_comments", own, 1.0)])),
    ):
        columns: dict[str, Any] = dict(rows.target) | {"two": rows.two, "six": rows.six, "weight": rows.weight}
        np.savez_compressed(
            folder / f"{name}.npz", **columns, origin=rows.origin, closed=~tasks.SIX, vocab=tok.get_vocab_size()
        )
        size += write_texts(folder, name, Texts.of(tasks.encode(tok, rows.text)))
        facts[name] = len(rows.text)
        LOG.info("bundle: %s %d rows, %d bytes so far", name, len(rows.text), size)
    free, pieces = tasks.tokenizer(1 << 20), pack.PackConfig()
    labelled, _ = pack.flatten(
        pack.encode(free, (t for name in data.SETS for t in data.read(labelled_dir(), name, "train").text), pieces)
    )
    parts, room = [], config.tokens
    for name in data.CORPORA:
        texts = Texts(*pack.flatten(pack.encode(free, data.corpus_lines(data_dir(), (name,)), pieces)))
        score = pack.likeness(texts.ids, texts.starts, labelled, tok.get_vocab_size())
        kept = pack.most_alike(score, name, config.keep)
        few = np.random.default_rng(config.seed).permutation(kept)
        few = few[texts.length[few].cumsum() <= room]
        parts.append(texts.take(np.sort(few)))
        room -= len(parts[-1].ids)
        facts[name] = {"texts": len(few), "tokens": len(parts[-1].ids)}
        LOG.info("bundle: %s %s of %d texts", name, facts[name], len(texts))
    ids = np.concatenate([part.ids for part in parts])
    size += write_texts(folder, "corpus", Texts(ids, np.append(np.flatnonzero(ids == 2), len(ids))))
    (work_dir() / "bundle.json").write_text(json.dumps(facts | {"bytes": size}, indent=1), "utf-8")
    LOG.info("bundle: %d bytes", size)
    return 0

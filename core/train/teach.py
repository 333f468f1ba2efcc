"""Label unlabelled texts with teachers: fine-tuned encoders in int8, the wide part and the character model.

Several small teachers are more reliable together than alone (see `core.train.blend`); their probabilities are stored
for a pupil to learn from.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import onnxruntime
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer

from core.train import data, export, finetune, graph, noise, pack, tasks, taught, wide
from core.train.blend import TeacherLogits, choose
from core.train.config import LOG, data_dir, labelled_dir, parse, work_dir
from core.train.net import SPANS

Floats = NDArray[np.float32]
#: Mixing parameters that reduce the graph to the deep part.
DEEP_ALONE = {
    name: [0.0, 1.0, 0.0] * 2 + [0.0] if name == "sentiment" else [0.0, 1.0] + [0.0] * (span.stop - span.start)
    for name, span in SPANS.items()
}


@dataclass(frozen=True)
class TeachConfig:
    """Settings of ``teach``."""

    name: str = "taught"  # folder of the parts
    teachers: str = "finetune,soup3"  # checkpoints, as different from each other as possible
    characters: str = "noise"  # file with the character model; empty = without that teacher
    texts: int = 300_000  # in total, at most; equally many from each corpus
    minutes: float = 12.0  # stop after this time, at the end of a part
    least_tokens: int = 8
    most_tokens: int = 96  # fine-tuning truncates longer texts there
    part: int = 8192  # texts per part
    spans: int = 300  # dev texts that calibrate the int8 activation ranges
    dev: int = 400  # dev rows per set for choosing the blend
    train: float = 0.2  # share of train texts, with soft labels besides their hard ones
    seed: int = 1


@dataclass(frozen=True)
class Ensemble:
    """All teachers, ready for inference."""

    deep: list[onnxruntime.InferenceSession]
    tables: list[wide.Table]
    characters: Callable[[list[str]], Floats] | None

    def predict(self, encoded: list[list[int]], texts: list[str]) -> TeacherLogits:
        """Return the outputs of every teacher on texts."""
        said = [export.onnx_logp(session, encoded) for session in self.deep] + [wide.logits(self.tables, encoded)]
        if self.characters is not None:
            lone = np.zeros((len(texts), 13), np.float32)
            lone[:, [0, 2]] = self.characters(texts)
            lone[:, 1] = lone[:, [0, 2]].mean(1)
            said.append(lone)
        polar = [False] * (len(self.deep) + 1) + [True] * (self.characters is not None)
        return TeacherLogits(np.stack(said).astype(np.float32), tuple(polar))


def teacher(name: str, encoded: list[list[int]], tables: list[wide.Table], tail: float) -> onnxruntime.InferenceSession:
    """Compile a checkpoint's deep part to an int8 graph."""
    model = finetune.load(work_dir() / f"{name}.pt")
    layers: torch.nn.ModuleList = model.bert.encoder["layer"]  # type: ignore[assignment]
    spans = export.activation_spans(model, encoded, tail)
    heads: int = layers[0].attention.heads  # type: ignore[assignment, union-attr]
    built = graph.build(export.state_of(model), tables, DEEP_ALONE, layers=len(layers), heads=heads, spans=spans)
    return export.session_of(built.SerializeToString())


def gather(config: TeachConfig, rows: tasks.Rows, encoded: list[list[int]]) -> Ensemble:
    """Prepare all teachers; dev texts calibrate the int8 activation ranges."""
    torch.manual_seed(config.seed)
    some = np.random.default_rng(config.seed).permutation(len(rows.text))[: config.spans]
    tables = wide.load(work_dir() / "wide.npz")
    few = [encoded[i] for i in some]
    deep = [teacher(name, few, tables, export.ExportConfig.tail) for name in config.teachers.split(",")]
    return Ensemble(deep, tables, noise.voice(config.characters).logits if config.characters else None)


def corpus(tok: Tokenizer, config: TeachConfig) -> tuple[list[list[int]], list[str]]:
    """Sample the corpora equally, from zh_more only the half most like the labelled sets, without duplicates."""
    rng = np.random.default_rng(config.seed)
    liked, _ = pack.flatten(
        e
        for name in data.SETS
        for e in tasks.encode(tok, data.read(labelled_dir(), name, "train")["text"].tolist()[:4000])
    )
    encoded: list[list[int]] = []
    texts: list[str] = []
    for name in data.CORPORA:
        lines = [line for line in data.corpus_lines(data_dir(), (name,)) if len(line) >= config.least_tokens]
        few = [lines[i] for i in rng.permutation(len(lines))[: config.texts * 2]]
        ids = tasks.encode(tok, few)
        good = [i for i, e in enumerate(ids) if config.least_tokens <= len(e) - 2 <= config.most_tokens]
        good = list({tuple(ids[i]): i for i in good}.values())
        tokens, starts = pack.flatten(ids[i] for i in good)
        score = pack.likeness(tokens, starts, liked, tok.get_vocab_size())
        kept = [good[i] for i in pack.most_alike(score, name, pack.PackConfig.keep)]
        kept = kept[: int(config.texts * (1 - config.train)) // len(data.CORPORA)]
        encoded += [ids[i] for i in kept]
        texts += [few[i] for i in kept]
        LOG.info("teach: %s %d texts", name, len(kept))
    return encoded, texts


def curriculum(tok: Tokenizer, config: TeachConfig) -> tuple[list[list[int]], list[str]]:
    """Return all texts in teaching order: the corpora and train rows, shuffled."""
    rng = np.random.default_rng(config.seed)
    encoded, texts = corpus(tok, config)
    rows = tasks.train_rows(augment=False)
    more = [rows.text[i] for i in rng.permutation(len(rows.text))[: int(config.train * config.texts)]]
    encoded, texts = encoded + tasks.encode(tok, more), texts + more
    order = rng.permutation(len(texts))
    return [encoded[i] for i in order], [texts[i] for i in order]


def main(argv: list[str]) -> int:
    """Choose the blend on dev, then label part after part until the time is up; a rerun continues."""
    config = parse(TeachConfig, "teach", argv)
    began = time.monotonic()
    tok = tasks.tokenizer(config.most_tokens + 2)
    rows = tasks.dev_rows(config.dev)
    encoded = tasks.encode(tok, rows.text)
    ensemble = gather(config, rows, encoded)
    names = [*config.teachers.split(","), "wide", *(["characters"] if ensemble.characters else [])]
    blend, found = choose(ensemble.predict(encoded, rows.text), rows, names)
    fitted = {head: [p.tolist() for p in parts] for head, parts in blend.fitted.items()}
    facts: dict[str, Any] = {"config": asdict(config), "dev_log_loss": found, "way": blend.way, "fitted": fitted}
    LOG.info("teach: %s, %s; %s", blend.way, found, fitted["sentiment"])
    encoded, texts = curriculum(tok, config)
    done = len(taught.parts(config.name))
    began_parts = time.monotonic()
    for number in range(done, -(-len(texts) // config.part)):
        at = slice(number * config.part, (number + 1) * config.part)
        p = blend.probabilities(ensemble.predict(encoded[at], texts[at]))
        taught.write(config.name, number, taught.Lesson(encoded[at], p))
        minutes = (time.monotonic() - began) / 60
        LOG.info("teach: part %d, %d texts, %.1f minutes", number, len(p), minutes)
        facts |= {"texts": min(len(texts), (number + 1) * config.part), "minutes": minutes}
        (taught.folder(config.name) / "teach.json").write_text(json.dumps(facts, indent=1), "utf-8")
        if minutes > config.minutes:
            break
    LOG.info("teach: %d parts, %.1f s a part", len(taught.parts(config.name)), time.monotonic() - began_parts)
    return 0

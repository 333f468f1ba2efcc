"""One sitting on a GPU: a large teacher pretrains, learns and labels the corpora; a small pupil learns from all of it.

It reads a ``bundle`` (step of that name; an ``elder``'s outputs in it serve as one more teacher), needs torch and numpy
only, and ends when its seconds are over, whatever the machine's speed: every stage has a share of the remaining time,
and the learning rate follows the clock. A CPU works as well, only slower. A stage already in the folder ``keep`` is
skipped, so that one session may stop after some stages and another command continue. The results (see ``collect``) are
the pretrained models (``teacher`` as bytes, ``reader`` the pupil's), the fine-tuned ``pupil``, the teachers' outputs on
part of the texts (``said``), and facts about the stages. Earlier pretrained models can be continued (``start``).
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from functools import cached_property, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch
from torch import Tensor

from core.train.bundle import read_elder, read_table, read_texts
from core.train.collect import join, split
from core.train.config import LOG, parse
from core.train.losses import Targets
from core.train.machine import DEVICE
from core.train.net import SPANS, Classifier, NetConfig
from core.train.packed import Texts
from core.train.plan import Clock, SittingConfig, Stage
from core.train.reader import read, reading
from core.train.school import Taught, TrainingData, ask, blended, classifier, study

Facts = dict[str, Any]
#: Outputs of an earlier model: name of the texts → log-probabilities (texts, 13), on the device.
Elder = dict[str, Tensor]
FACTS = "sitting.json"
#: Model → the name of its pretrained weights.
READERS = {"teacher": "teacher", "pupil": "reader"}


class Sitting:
    """The stages, each using the files that earlier ones left in a folder."""

    def __init__(
        self, config: SittingConfig, clock: Clock, training: TrainingData, corpus: Texts, elder: Elder
    ) -> None:
        self.config, self.clock, self.training = config, clock, training
        self.corpus, self.elder, self.keep = corpus, elder, Path(config.keep)
        self.keep.mkdir(parents=True, exist_ok=True)
        self.large = self.shape(config.width, config.layers)
        self.small = self.shape(config.pupil_width, config.pupil_layers)
        self.facts: Facts = {"config": asdict(config), "device": DEVICE, "stages": {}}
        if (self.keep / FACTS).exists():
            self.facts |= json.loads((self.keep / FACTS).read_text("utf-8"))

    def shape(self, width: int, layers: int) -> NetConfig:
        """Return the shape of an encoder with heads of width 64 and a fourfold feed-forward width."""
        vocab = self.training.vocab
        return NetConfig(vocab, width, layers, max(1, width // 64), 4 * width, dropout=self.config.dropout)

    def stage(self, name: str, rate: float = 0.0) -> Stage:
        """Return the next stage."""
        return self.clock.stage(name, rate, self.config.warmup)

    def keeps(self, stage: Stage, made: object, accuracy: dict[str, float] | None = None) -> None:
        """Write a stage's output and its facts."""
        torch.save(made, self.path(stage.name))
        self.facts["stages"][stage.name] = stage.facts() | ({"accuracy": accuracy} if accuracy else {})
        (self.keep / FACTS).write_text(json.dumps(self.facts, indent=1), "utf-8")

    @cached_property
    def tokens(self) -> Tensor:
        """Masked-word training text, on the device."""
        found = reading(self.config, self.corpus, self.training.train)
        LOG.info("sitting: %d corpus texts, %d tokens to read on %s", len(self.corpus), len(found), DEVICE)
        return found

    def path(self, name: str) -> Path:
        """Return the output file of a stage."""
        return self.keep / f"{name}.pt"

    def reads(self, who: str, shape: NetConfig, rate: float) -> None:
        """Pretrain the teacher or the pupil on masked words, continuing an earlier session if its weights are given."""
        tokens = self.tokens
        config = self.of_pupil() if who == "pupil" else self.config
        start = join(Path(config.start), READERS[who]) if config.start else {}
        stage = self.stage(f"{who} reads", rate)
        LOG.info("%s reads: %s", who, "on" if start else "from nothing")
        self.keeps(stage, read(replace(shape, dropout=0.0), tokens, config, stage, start).state_dict())

    def of_pupil(self) -> SittingConfig:
        """Return the settings of the pupil's stages."""
        return replace(self.config, windows=self.config.pupil_windows)

    def learner(self, who: str, shape: NetConfig) -> Classifier:
        """Return a classifier on the pretrained teacher or pupil."""
        state = torch.load(self.path(f"{who} reads"), weights_only=True)
        return classifier(state, shape, self.config)

    def teachers(self) -> list[Classifier]:
        """Return the fine-tuned teachers."""
        names = [f"teacher learns {i}" for i in range(self.config.voices)]
        return [classifier(torch.load(self.path(name), weights_only=True), self.large, self.config) for name in names]

    def teacher_learns(self, voice: int) -> None:
        """Fine-tune one teacher on the labels and the elder's outputs."""
        torch.manual_seed(self.config.seed + voice)
        teacher = self.learner("teacher", self.large)
        stage = self.stage(f"teacher learns {voice}", self.config.learn_rate)
        config, elder = self.config, self.elder
        taught = Taught(self.corpus, elder["corpus"], elder["train"]) if elder else None
        study(teacher, self.training, replace(config, soft=config.elder_soft, blend=config.elder_blend), stage, taught)
        self.keeps(stage, teacher.state_dict(), self.training.evaluate(stage.name, [teacher], self.config))

    def teacher_says(self) -> None:
        """Label all texts with the ensemble of teachers, including the elder."""
        stage, teachers, config = self.stage("teacher says"), self.teachers(), self.config
        accuracy = self.training.evaluate(stage.name, teachers, config)
        said = [ask(teachers, texts, np.arange(len(texts)), config) for texts in (self.corpus, self.training.train)]
        if self.elder:
            accuracy = self.training.evaluate("teachers and elder", teachers, config, self.elder)
            voices = (self.elder["corpus"], self.elder["train"])
            said = [blended(one, elder, config.elder_share) for one, elder in zip(said, voices, strict=True)]
        self.keeps(stage, said, accuracy)
        LOG.info("teachers answered %d texts", sum(map(len, said)))

    def pupil_learns(self) -> None:
        """Fine-tune the pupil on the labels and the teachers' outputs."""
        said = torch.load(self.path("teacher says"), weights_only=True)
        torch.manual_seed(self.config.seed)
        pupil = self.learner("pupil", self.small)
        stage = self.stage("pupil learns", self.config.pupil_learn_rate)
        study(pupil, self.training, self.of_pupil(), stage, Taught(self.corpus, *said))
        self.keeps(stage, pupil.state_dict(), self.training.evaluate(stage.name, [pupil], self.config))

    def hold(self) -> None:
        """Run the requested stages that are not yet done."""
        config = self.config
        todo: dict[str, tuple[float, Callable[[], None]]] = {
            "teacher reads": (config.teacher_reads, partial(self.reads, "teacher", self.large, config.rate)),
            **{
                f"teacher learns {i}": (config.teacher_learns, partial(self.teacher_learns, i))
                for i in range(config.voices)
            },
            "teacher says": (config.teacher_says, self.teacher_says),
            "pupil reads": (config.pupil_reads, partial(self.reads, "pupil", self.small, config.pupil_rate)),
            "pupil learns": (config.pupil_learns, self.pupil_learns),
        }
        todo = {
            name: stage
            for name, stage in todo.items()
            if name.startswith(config.requested) and not self.path(name).exists()  # "teacher learns" has several
        }
        self.clock.shares = {name: share for name, (share, _) in todo.items()}
        for name, (_, stage) in todo.items():
            stage()
            if DEVICE == "cuda":
                torch.cuda.empty_cache()
            LOG.info("%s: over", name)

    def bring(self, out: Path) -> None:
        """Write the results in files of at most 16 MiB."""
        out.mkdir(parents=True, exist_ok=True)
        for name, stage, rounded in (
            ("teacher", "teacher reads", True), ("reader", "pupil reads", False), ("pupil", "pupil learns", False),
        ):  # fmt: skip
            if stage in self.config.requested and self.path(stage).exists():
                split(torch.load(self.path(stage), map_location="cpu", weights_only=True), out, name, rounded)
        if "teacher says" in self.config.requested and self.path("teacher says").exists():
            corpus, train = torch.load(self.path("teacher says"), map_location="cpu", weights_only=True)
            rng = np.random.default_rng(self.config.seed)
            some = np.sort(rng.permutation(len(corpus))[: self.config.said])
            np.savez(out / "said.npz", rows=some.astype(np.int32), corpus=corpus.numpy()[some])
            np.savez(out / "said_train.npz", train=train.numpy())
        (out / FACTS).write_text(json.dumps(self.facts, indent=1), "utf-8")


def rehearse(config: SittingConfig, training: TrainingData, corpus: Texts, elder: Elder) -> None:
    """Run all stages with the same shapes on a few texts for a few seconds."""
    few = np.arange(0, len(training.train), 40)
    on = torch.from_numpy(few).to(DEVICE)
    rows = replace(
        training,
        train=training.train.take(few),
        wanted=training.wanted.take(on),
        weight=training.weight[few],
        eval_sets=[],
    )
    some = np.arange(0, len(corpus), 20)
    if elder:
        elder = elder | {"train": elder["train"][on], "corpus": elder["corpus"][torch.from_numpy(some).to(DEVICE)]}
    with TemporaryDirectory() as folder:
        small = replace(config, seconds=4.0, stages=SittingConfig.stages, keep=folder)
        Sitting(small, Clock(small.seconds), rows, corpus.take(some), elder).hold()


def main(argv: list[str]) -> int:
    """Run all stages; see the module."""
    config = parse(SittingConfig, "sitting", argv)
    clock = Clock(config.seconds)
    torch.set_float32_matmul_precision("high")
    torch._dynamo.config.recompile_limit = 64
    bundle = Path(config.bundle)
    corpus, train = read_texts(bundle, "corpus"), read_texts(bundle, "train")
    table = read_table(bundle, "train")
    eval_sets = [(name, read_texts(bundle, name), read_table(bundle, name)) for name in ("dev", "own")]
    heads = {name: table[name] for name in SPANS}
    wanted = Targets.of(heads, table["two"], table["six"], table["closed"], DEVICE)
    training = TrainingData(train, wanted, table["weight"], eval_sets, int(table["vocab"]))
    elder = {name: torch.from_numpy(said).to(DEVICE) for name, said in read_elder(bundle).items()}
    if config.rehearsal:
        rehearse(config, training, corpus, elder)
        LOG.info("sitting: rehearsed, %.0f s left", clock.end - time.monotonic())
    sitting = Sitting(config, clock, training, corpus, elder)
    sitting.hold()
    sitting.bring(Path(config.out))
    return 0

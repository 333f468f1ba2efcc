"""Small models for the tests: a lexicon as ONNX, and StructBERT folders with random weights."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

from core.score.batch import SLOTS
from core.score.graph import Graph

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
GOOD, BAD, PLAIN = ("很好", "喜欢", "😄"), ("难吃", "差评", "[怒]"), ("一般", "包装", "的", "了", "。", ",", "!")
LETTERS = tuple("abcdefghijklmnopqrstuvwxyz天地好吃难评差喜欢很")
WORDS = (*SPECIAL, *GOOD, *BAD, *PLAIN, *LETTERS)
HEADS = {
    "sentiment": ["negative", "neutral", "positive"],
    "emotion": ["恐惧", "愤怒", "厌恶", "喜好", "悲伤", "高兴", "惊讶", "无"],
    "offensive": ["no", "yes"],
}
VECTOR = 4


def tokenizer() -> Tokenizer:
    """A word tokenizer of the built-in model's kind."""
    scores = [(word, 0.0 if word in SPECIAL else -1.0 - (len(word) == 1)) for word in WORDS]
    tok = Tokenizer(models.Unigram(scores, unk_id=1, byte_fallback=False))
    tok.normalizer = normalizers.NFKC()
    tok.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tok.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    tok.add_special_tokens(list(SPECIAL))
    return tok


def lexicon_table() -> np.ndarray:
    """One row of logits per word: good words are positive and 高兴, bad ones negative and 愤怒."""
    table = np.zeros((len(WORDS), 3 + 8 + 2 + VECTOR), np.float32)
    for word in GOOD:
        table[WORDS.index(word)] = np.eye(17)[2] * 2 + np.eye(17)[3 + 5] * 2
    for word in BAD:
        table[WORDS.index(word)] = np.eye(17)[0] * 2 + np.eye(17)[3 + 1] * 2 + np.eye(17)[12]
    table[:, 13:] = np.random.default_rng(1).standard_normal((len(WORDS), VECTOR))
    table[:5] = 0
    return table


def onnx_folder(folder: Path, *, table: np.ndarray | None = None, max_length: int = 34) -> Path:
    """Write a model in the built-in layout whose logits are the mean over the words plus a small bias."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.onnx").write_bytes(lexicon_graph(table).SerializeToString())
    tokenizer().save(str(folder / "tokenizer.json"))
    write_labels(folder, max_length=max_length)
    return folder


def write_labels(folder: Path, **changes: Any) -> None:
    """Write labels.json with the version of the present files."""
    data = (folder / "model.onnx").read_bytes() + (folder / "tokenizer.json").read_bytes()
    facts = {**HEADS, "name": "test", "max_length": 34, "version": hashlib.sha256(data).hexdigest()[:12], **changes}
    (folder / "labels.json").write_text(json.dumps(facts, ensure_ascii=False), "utf-8")


def lexicon_graph(table: np.ndarray | None = None, *, portable: bool = False) -> onnx.ModelProto:
    """The network whose logits are the mean over the words; a portable one takes one batch per call."""
    g = Graph(portable=portable)
    words = g.const((lexicon_table() if table is None else table).astype(np.float32), "table")
    if portable:
        found = g.node("Gather", [words, g.input("input_ids", "n", "length")])
        logits = g.node("ReduceSum", [found, g.ints(1)], keepdims=0)
    else:
        ids, owner, _ = (g.input(name, "tokens") for name in ("input_ids", "owner", "positions"))
        rows, _ = (g.input(name, "packs", SLOTS) for name in ("rows", "lengths"))
        n = g.node("Reshape", [g.node("ReduceSum", [rows], keepdims=0), g.ints(1)])
        nothing = g.node("ConstantOfShape", [g.node("Concat", [n, g.ints(13 + VECTOR)], axis=0)])
        each = [nothing, g.node("Unsqueeze", [owner, g.ints(1)]), g.node("Gather", [words, ids])]
        logits = g.node("ScatterND", each, reduction="add")
    at = 0
    for name, width in {"sentiment": 3, "emotion": 8, "offensive": 2}.items():
        part = g.node("Slice", [logits, g.ints(at), g.ints(at + width), g.ints(1)])
        g.node("Softmax", [part], name=name, axis=-1)
        at += width
    g.node("Slice", [logits, g.ints(at), g.ints(at + VECTOR), g.ints(1)], name="vector")
    return g.model({"sentiment": 3, "emotion": 8, "offensive": 2, "vector": VECTOR})


def structbert_folder(
    folder: Path,
    *,
    labels: tuple[str, ...] = ("负面", "正面"),
    prefix: str = "bert.",
    binary: bool = False,
    seed: int = 0,
    positions: int = 64,
) -> Path:
    """Write a folder in the layout of ModelScope's StructBERT classifiers, with random weights."""
    import torch
    from safetensors.torch import save_file
    from transformers import BertConfig, BertForSequenceClassification

    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(seed)
    shape = {
        "vocab_size": len(WORDS), "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2,
        "intermediate_size": 64, "max_position_embeddings": positions, "initializer_range": 0.4,
    }  # fmt: skip
    net = BertForSequenceClassification(BertConfig(**shape, num_labels=len(labels)))
    state = {prefix + k.removeprefix("bert.") if k.startswith("bert.") else k: v for k, v in net.state_dict().items()}
    if binary:
        torch.save(state, folder / "pytorch_model.bin")
    else:
        save_file(
            {k: v.contiguous() for k, v in state.items()}, folder / "model.safetensors", metadata={"format": "pt"}
        )
    files = {
        "config.json": {
            **shape,
            "model_type": "structbert",
            **({} if prefix == "bert." else {"base_model_prefix": prefix[:-1]}),
        },
        "configuration.json": {
            "framework": "pytorch",
            "task": "text-classification",
            "model": {"type": "structbert"},
            "preprocessor": {"type": "sen-cls-tokenizer"},
            "pipeline": {"type": "sentiment-classification"},
        },
        "label_mapping.json": {label: i for i, label in enumerate(labels)},
        "tokenizer_config.json": {"do_lower_case": True},
    }
    for name, value in files.items():
        (folder / name).write_text(json.dumps(value, ensure_ascii=False), "utf-8")
    (folder / "vocab.txt").write_text("".join(f"{word}\n" for word in WORDS), "utf-8")
    return folder

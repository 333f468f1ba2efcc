"""A base-size StructBERT folder with random weights, and other libraries' ways to run it."""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from bench.texts import mixed
from core.score import TokenBackend
from core.score.probe_texts import probe_texts

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
VOCABULARY = 21_128
LABELS = {"负面": 0, "正面": 1}


def write(folder: Path) -> Path:
    """Write the folder; its vocabulary is the characters of real comments, so that texts have realistic lengths."""
    import torch
    from safetensors.torch import save_file
    from transformers import BertConfig, BertForSequenceClassification

    folder.mkdir(parents=True)
    torch.manual_seed(0)
    config = BertConfig(vocab_size=VOCABULARY, num_labels=len(LABELS))
    net = BertForSequenceClassification(config)
    save_file({k: v.contiguous() for k, v in net.state_dict().items()}, folder / "model.safetensors", {"format": "pt"})
    torch.save(net.state_dict(), folder / "pytorch_model.bin")
    seen = Counter("".join(mixed(20_000)).lower())
    words = [*SPECIAL, *(c for c, _ in seen.most_common() if c.strip())][:VOCABULARY]
    words += [f"[unused{i}]" for i in range(VOCABULARY - len(words))]
    (folder / "vocab.txt").write_text("".join(f"{word}\n" for word in words), "utf-8")
    files: dict[str, Any] = {
        "config.json": {**config.to_dict(), "model_type": "structbert", "label2id": LABELS},
        "configuration.json": {
            "framework": "pytorch", "task": "text-classification", "model": {"type": "structbert"},
            "preprocessor": {"type": "sen-cls-tokenizer"}, "pipeline": {"type": "sentiment-classification"},
        },
        "label_mapping.json": LABELS,
        "tokenizer_config.json": {"do_lower_case": True},
    }  # fmt: skip
    for name, value in files.items():
        (folder / name).write_text(json.dumps(value, ensure_ascii=False), "utf-8")
    return folder


def modelscope_pipeline(folder: Path, **options: object) -> Callable[..., Any]:
    """Return modelscope's own pipeline."""
    from modelscope.pipelines import pipeline
    from modelscope.utils.logger import get_logger

    get_logger().setLevel(logging.ERROR)
    made: Callable[..., Any] = pipeline("text-classification", model=str(folder), device="cpu", **options)
    return made


def transformers_pipeline(folder: Path) -> Callable[..., Any]:
    """Return the pipeline of the transformers library."""
    from transformers import BertForSequenceClassification, BertTokenizerFast, pipeline

    net = BertForSequenceClassification.from_pretrained(folder)
    words = BertTokenizerFast.from_pretrained(folder)
    made: Callable[..., Any] = pipeline("text-classification", model=net, tokenizer=words, device="cpu")
    return made


def neighbours(backend: TokenBackend) -> float:
    """Return the largest change in a probability of 40 texts between scoring each alone and among many others."""
    head = next(iter(backend.heads))
    alone = [backend.head_tokens(backend.encode([text]), [head])[0] for text in probe_texts()[:40]]
    among = backend.head_tokens(backend.encode(probe_texts()), [head])[0]
    return float(np.abs(np.concatenate(alone) - among[:40]).max())

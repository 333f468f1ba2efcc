"""Export the deep part as a ModelScope folder for ``modelscope.pipelines.pipeline``, to publish or fine-tune it.

The wide part (hashed word n-grams) has no place in a BERT folder and is dropped: the folder is slightly less accurate
than the shipped ONNX file, and equal to the deep part alone.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer

from core.train import finetune, tasks
from core.train.config import LOG, model_dir, parse, work_dir
from core.train.net import PLACES, Classifier, lengthened
from core.train.restore import restore

POSITIONS = 512  # modelscope's pipeline pads every text to 512 tokens
LABELS = {"负面": 0, "中性": 1, "正面": 2}


@dataclass(frozen=True)
class ToModelscopeConfig:
    """Settings of ``to_modelscope``."""

    name: str = ""  # checkpoint; empty = the shipped file, dequantised
    weights: str = "ema"
    every: int = 80  # one in this many dev texts is compared
    out: str = ""  # default: <work folder>/modelscope


def tensors(model: Classifier) -> dict[str, torch.Tensor]:
    """Return the parameters under BERT's names, with three sentiment classes and 512 positions."""
    state = {name: value.detach().clone() for name, value in model.state_dict().items()}
    state["classifier.weight"] = state["classifier.weight"][:3].contiguous()
    state["classifier.bias"] = state["classifier.bias"][:3].contiguous()
    state[PLACES] = lengthened(state[PLACES], POSITIONS).contiguous()
    return state


def bert_config(model: Classifier) -> dict[str, object]:
    """Return config.json: a BERT of this shape, named structbert."""
    words = model.bert.embeddings.word_embeddings.weight
    layers: Any = model.bert.encoder["layer"]
    names = {str(number): label for label, number in LABELS.items()}
    return {
        "model_type": "structbert", "architectures": ["SbertForSequenceClassification"], "vocab_size": words.shape[0],
        "hidden_size": words.shape[1], "num_hidden_layers": len(layers),
        "num_attention_heads": layers[0].attention.heads,
        "intermediate_size": layers[0].intermediate["dense"].out_features,
        "hidden_act": "gelu", "hidden_dropout_prob": 0.1, "attention_probs_dropout_prob": 0.1,
        "max_position_embeddings": POSITIONS,
        "type_vocab_size": 2, "layer_norm_eps": 1e-12, "initializer_range": 0.02, "pad_token_id": 0,
        "num_labels": len(LABELS),
        "id2label": names, "label2id": LABELS, "position_embedding_type": "absolute",
    }  # fmt: skip


def write(model: Classifier, tokenizer_from: Path, folder: Path) -> None:
    """Write the folder.

    Args:
        model: Fine-tuned classifier.
        tokenizer_from: Folder with tokenizer.json and vocab.txt.
        folder: Created if missing; files of an earlier export are replaced.
    """
    folder.mkdir(parents=True, exist_ok=True)
    save_file(tensors(model), folder / "model.safetensors", {"format": "pt"})
    torch.save(tensors(model), folder / "pytorch_model.bin")
    configuration = {
        "framework": "pytorch", "task": "text-classification", "model": {"type": "structbert"},
        "pipeline": {"type": "sentiment-classification"},
        "preprocessor": {"type": "sen-cls-tokenizer", "first_sequence": "sentence", "label": "label"},
    }  # fmt: skip
    special = {"unk": "[UNK]", "sep": "[SEP]", "pad": "[PAD]", "cls": "[CLS]", "mask": "[MASK]"}
    tokenizer: dict[str, Any] = {f"{name}_token": token for name, token in special.items()}
    tokenizer |= {
        "tokenizer_class": "BertTokenizerFast",
        "use_fast": True,
        "model_max_length": POSITIONS,
        "do_lower_case": True,
    }
    files = {
        "config.json": bert_config(model), "configuration.json": configuration, "label_mapping.json": LABELS,
        "tokenizer_config.json": tokenizer,
    }  # fmt: skip
    for name, value in files.items():
        (folder / name).write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", "utf-8")
    shutil.copy(tokenizer_from / "tokenizer.json", folder)
    shutil.copy(tokenizer_from / "vocab.txt", folder)


def main(argv: list[str]) -> int:
    """Write the folder of the shipped (or a fine-tuned) model and log its label agreement with the torch model."""
    config = parse(ToModelscopeConfig, "to_modelscope", argv)
    folder = Path(config.out) if config.out else work_dir() / "modelscope"
    if config.name:
        model, words = finetune.load(work_dir() / f"{config.name}.pt", config.weights), work_dir()
    else:
        model, words = restore(model_dir() / "model.onnx"), model_dir()
    write(model, words, folder)
    texts = tasks.dev_rows().text[:: config.every]
    tok = Tokenizer.from_file(str(words / "tokenizer.json"))
    tok.enable_truncation(POSITIONS)
    logits = finetune.predict(model, tasks.encode(tok, texts))
    from modelscope.pipelines import pipeline

    run = pipeline("text-classification", model=str(folder), sequence_length=POSITIONS)
    same = 0
    for text, row in zip(texts, logits[:, :3], strict=True):
        answer = run(text)
        same += LABELS[answer["labels"][int(np.argmax(answer["scores"]))]] == int(np.argmax(row))
    LOG.info("to_modelscope: %s, same label as the torch model on %d of %d dev texts", folder, same, len(texts))
    return 0

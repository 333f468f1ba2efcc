"""The network: a BERT encoder under Hugging Face's parameter names, with a masked-word head or three task heads.

Names match ``BertForSequenceClassification``, so the trained encoder loads there and in ModelScope without renaming.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

HEADS = (("sentiment", 3), ("emotion", 8), ("offensive", 2))
LOGITS = sum(width for _, width in HEADS)
#: Head → slice of its logits.
SPANS = {"sentiment": slice(0, 3), "emotion": slice(3, 11), "offensive": slice(11, 13)}


@dataclass(frozen=True)
class NetConfig:
    """Shape of the encoder."""

    vocab: int = 24000
    width: int = 256
    layers: int = 4
    heads: int = 4
    inner: int = 1024
    positions: int = 512
    dropout: float = 0.1


#: Name of the position embeddings, and how many of them ``lengthened`` repeats.
PLACES, TURN = "bert.embeddings.position_embeddings.weight", 32


def lengthened(table: Tensor, rows: int, known: int | None = None) -> Tensor:
    """Extend a table of position embeddings to the wanted rows; those past the known ones repeat its last 32.

    Args:
        table: Position embeddings (any number of rows, width).
        rows: Rows wanted, at least as many as are known.
        known: Rows that were trained; None = the whole table.
    """
    known = len(table) if known is None else known
    last = table[max(0, known - TURN) : known]
    return torch.cat([table[:known], last.repeat(-(-rows // len(last)), 1)])[:rows]


def shape_of(state: Mapping[str, Any]) -> NetConfig:
    """Infer the shape of an encoder from its weights (arrays or tensors by name), with heads of width 64."""
    words = state["bert.embeddings.word_embeddings.weight"].shape
    return NetConfig(
        vocab=words[0],
        width=words[1],
        layers=sum(name.endswith("query.weight") for name in state),
        heads=max(1, words[1] // 64),
        inner=len(state["bert.encoder.layer.0.intermediate.dense.bias"]),
        positions=len(state[PLACES]),
    )


class Attention(nn.Module):
    """Multi-head self-attention with BERT's post-norm."""

    def __init__(self, c: NetConfig) -> None:
        super().__init__()
        self.heads = c.heads
        self.self = nn.ModuleDict({n: nn.Linear(c.width, c.width) for n in ("query", "key", "value")})
        self.output = nn.ModuleDict(
            {"dense": nn.Linear(c.width, c.width), "LayerNorm": nn.LayerNorm(c.width, eps=1e-12)}
        )
        self.drop = nn.Dropout(c.dropout)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """Return the new hidden states, shape as ``x``."""
        n, length, width = x.shape
        q, k, v = (self.self[p](x).view(n, length, self.heads, -1).transpose(1, 2) for p in ("query", "key", "value"))
        if x.is_cuda:
            y = functional.scaled_dot_product_attention(q, k, v, mask)
        else:  # Written out: under torch.compile a third faster on a CPU than the line above at these lengths.
            scores = (q @ k.transpose(-1, -2)) * (width // self.heads) ** -0.5
            y = scores.masked_fill(~mask, -1e4).softmax(-1).to(v.dtype) @ v
        y = self.output["dense"](y.transpose(1, 2).reshape(n, length, width))
        return self.output["LayerNorm"](x + self.drop(y))  # type: ignore[no-any-return]


class Layer(nn.Module):
    """Attention, then a GELU feed-forward block."""

    def __init__(self, c: NetConfig) -> None:
        super().__init__()
        self.attention = Attention(c)
        self.intermediate = nn.ModuleDict({"dense": nn.Linear(c.width, c.inner)})
        self.output = nn.ModuleDict(
            {"dense": nn.Linear(c.inner, c.width), "LayerNorm": nn.LayerNorm(c.width, eps=1e-12)}
        )
        self.drop = nn.Dropout(c.dropout)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """Return the new hidden states, shape as ``x``."""
        x = self.attention(x, mask)
        y = self.output["dense"](functional.gelu(self.intermediate["dense"](x)))
        return self.output["LayerNorm"](x + self.drop(y))  # type: ignore[no-any-return]


class Embeddings(nn.Module):
    """Word plus position plus (one) segment embedding."""

    def __init__(self, c: NetConfig) -> None:
        super().__init__()
        self.word_embeddings = nn.Embedding(c.vocab, c.width)
        self.position_embeddings = nn.Embedding(c.positions, c.width)
        self.token_type_embeddings = nn.Embedding(2, c.width)
        self.LayerNorm = nn.LayerNorm(c.width, eps=1e-12)
        self.drop = nn.Dropout(c.dropout)

    def forward(self, ids: Tensor, positions: Tensor) -> Tensor:
        """Return the embedded tokens (n, length, width)."""
        x = self.word_embeddings(ids) + self.position_embeddings(positions) + self.token_type_embeddings.weight[0]
        return self.drop(self.LayerNorm(x))  # type: ignore[no-any-return]


class Encoder(nn.Module):
    """The BERT encoder."""

    def __init__(self, c: NetConfig) -> None:
        super().__init__()
        self.embeddings = Embeddings(c)
        self.encoder = nn.ModuleDict({"layer": nn.ModuleList([Layer(c) for _ in range(c.layers)])})
        self.pooler = nn.ModuleDict({"dense": nn.Linear(c.width, c.width)})

    def forward(self, ids: Tensor, positions: Tensor, mask: Tensor) -> Tensor:
        """Return the hidden states (n, length, width); ``mask`` broadcasts over (n, heads, length, length)."""
        x: Tensor = self.embeddings(ids, positions)
        layers: Any = self.encoder["layer"]
        for layer in layers:
            x = layer(x, mask)
        return x


class Pretrainer(nn.Module):
    """Encoder and masked-word head (decoder tied to the word embeddings)."""

    def __init__(self, c: NetConfig) -> None:
        super().__init__()
        self.bert = Encoder(c)
        self.transform = nn.Linear(c.width, c.width)
        self.norm = nn.LayerNorm(c.width, eps=1e-12)
        self.bias = nn.Parameter(torch.zeros(c.vocab))
        self.apply(start)

    def forward(self, ids: Tensor, positions: Tensor, mask: Tensor, where: Tensor, words: Tensor) -> Tensor:
        """Return the mean loss of predicting ``words`` at the flat positions ``where``."""
        return self.told(self.bert(ids, positions, mask).flatten(0, 1)[where], words)

    def told(self, x: Tensor, words: Tensor) -> Tensor:
        """Return the mean loss of predicting words (k,) from hidden states (k, width)."""
        x = self.norm(functional.gelu(self.transform(x)))
        return functional.cross_entropy(
            functional.linear(x, self.bert.embeddings.word_embeddings.weight, self.bias).float(), words
        )


class Classifier(nn.Module):
    """Encoder, pooler and one linear layer for all heads."""

    def __init__(self, c: NetConfig) -> None:
        super().__init__()
        self.bert = Encoder(c)
        self.drop = nn.Dropout(c.dropout)
        self.classifier = nn.Linear(c.width, LOGITS)
        self.apply(start)

    def forward(self, ids: Tensor, attention: Tensor) -> tuple[Tensor, Tensor]:
        """Return logits (n, 13) in the order of `HEADS` and the pooled vector (n, width)."""
        positions = torch.arange(ids.shape[1], device=ids.device)[None, :]
        return self.answer(self.bert(ids, positions, attention[:, None, None, :] > 0)[:, 0])

    def answer(self, first: Tensor) -> tuple[Tensor, Tensor]:
        """Return logits (n, 13) and the pooled vector from the hidden states of [CLS] (n, width)."""
        vector = torch.tanh(self.bert.pooler["dense"](first))
        return self.classifier(self.drop(vector)), vector


def start(module: nn.Module) -> None:
    """Initialise a module as BERT does."""
    if isinstance(module, (nn.Linear, nn.Embedding)):
        nn.init.normal_(module.weight, std=0.02)
    if isinstance(module, nn.Linear):
        nn.init.zeros_(module.bias)

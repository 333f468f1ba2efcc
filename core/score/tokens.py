"""Texts to token ids with the Rust ``tokenizers`` library, for whatever text people bring."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from core.errors import ModelError
from core.score.batch import Tokens

if TYPE_CHECKING:
    from tokenizers import Tokenizer

__all__ = ["Encoder", "readable"]

_SURROGATE: Final = re.compile("[\ud800-\udfff]")
#: Texts encoded at a time: the library's encodings are large, ours are 4 bytes a token.
BLOCK: Final = 4096


class Encoder:
    """A tokenizer of the BERT family, made safe for any text.

    Args:
        tokenizer: Cuts and pads as it likes; both are switched off here.
        name: The model's name, for messages.

    Raises:
        ModelError: M10 the tokenizer does not put one token before and one after a text.
    """

    def __init__(self, tokenizer: Tokenizer, name: str) -> None:
        tokenizer.no_truncation()
        tokenizer.no_padding()
        # A comment that contains "[SEP]" is text, not a command to the model.
        tokenizer.encode_special_tokens = True
        bare = tokenizer.encode("", add_special_tokens=True).ids
        if len(bare) != 2:
            raise ModelError(
                "M10",
                f"模型 {name} 的分词器不是 BERT 格式([CLS] 文本 [SEP])。",
                "请使用 StructBERT/BERT 格式的模型文件夹。",
            )
        self.start_id, self.end_id = bare
        unknown = tokenizer.token_to_id("[UNK]")
        self.unknown_id = -1 if unknown is None else unknown
        self._tokenizer = tokenizer

    def encode(self, texts: Sequence[str]) -> Tokens:
        """Return the ids of the texts, special tokens left out; None and other non-texts count as empty."""
        parts: list[np.ndarray[tuple[int], np.dtype[np.int32]]] = []
        lengths: list[int] = []
        for start in range(0, len(texts), BLOCK):
            ids = self._ids(texts[start : start + BLOCK])
            lengths.extend(map(len, ids))
            parts.append(np.fromiter(itertools.chain.from_iterable(ids), np.int32))
        flat = np.concatenate(parts) if parts else np.zeros(0, np.int32)
        return Tokens(flat, np.concatenate(([0], np.cumsum(lengths, dtype=np.int64))).astype(np.int64))

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Return (start, end) of each token of one text in its characters, end exclusive."""
        return list(self._tokenizer.encode(readable(text), add_special_tokens=False).offsets)

    def as_json(self) -> str:
        """Return the content of a tokenizer.json that gives the same ids."""
        return str(self._tokenizer.to_str())

    def _ids(self, texts: Sequence[str]) -> list[list[int]]:
        try:
            encodings = self._tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)
        except TypeError:  # one None or one half of a surrogate pair refuses the whole batch
            encodings = self._tokenizer.encode_batch_fast([readable(t) for t in texts], add_special_tokens=False)
        return [encoding.ids for encoding in encodings]


def readable(text: object) -> str:
    """Return a text that UTF-8 can carry, of the same length: a lone surrogate becomes U+FFFD, a non-text "".

    Example:
        >>> readable("好\\ud83d"), readable(None)
        ('好\ufffd', '')
    """
    if not isinstance(text, str):
        return ""
    return _SURROGATE.sub("\ufffd", text)

"""Convert arbitrary texts to token ids with the Rust ``tokenizers`` library."""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from core.errors import ModelError
from core.score.batch import Tokens
from core.score.pool import in_order

if TYPE_CHECKING:
    from tokenizers import Tokenizer

__all__ = ["Encoder", "readable"]

_SURROGATE: Final = re.compile("[\ud800-\udfff]")
#: Texts tokenized per call: the library's encodings are large, ours are 4 bytes per token. A text takes 15 to 20 µs of
#: CPU in a call of 20, and 47 in a call of 20,000.
BLOCK: Final = 128
#: The library's own threads would compete with ours: 20 texts took 29 µs each, and 74 among the other threads of the
#: API. The library reads this whenever it encodes.
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")


class Encoder:
    """A BERT-style tokenizer, made safe for any text.

    Args:
        tokenizer: Its truncation and padding are switched off here.
        name: The model's name, for messages.

    Raises:
        ModelError: M10 the tokenizer does not add exactly one token before and one after a text.
    """

    def __init__(self, tokenizer: Tokenizer, name: str) -> None:
        tokenizer.no_truncation()
        tokenizer.no_padding()
        # A comment that contains "[SEP]" is literal text, not a special token.
        tokenizer.encode_special_tokens = True
        # The default cache would hold 10,000 texts with their pieces, 10 MiB and more; a job encodes each text once.
        keep = getattr(tokenizer.model, "_resize_cache", None)  # WordPiece has none
        if keep is not None:
            keep(0)
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
        """Return the ids of the texts without special tokens; None and other non-strings count as empty."""
        blocks = [texts[start : start + BLOCK] for start in range(0, len(texts), BLOCK)]
        # The pool's threads share many blocks; a single block is not worth handing over.
        parts = list(in_order(self._block, blocks) if len(blocks) > 1 else map(self._block, blocks))
        ids = [part for part, _ in parts] or [np.zeros(0, np.int32)]
        lengths = [np.zeros(1, np.int64), *(lengths for _, lengths in parts)]
        return Tokens(np.concatenate(ids), np.cumsum(np.concatenate(lengths)))

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Return the (start, end) of each token of a text in characters, end exclusive."""
        return list(self._tokenizer.encode(readable(text), add_special_tokens=False).offsets)

    def as_json(self) -> str:
        """Return the content of a tokenizer.json that yields the same ids."""
        return str(self._tokenizer.to_str())

    def _block(self, texts: Sequence[str]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """Return the concatenated ids of some texts, and the length of each."""
        ids = self._ids(texts)
        lengths = np.fromiter(map(len, ids), np.int64, len(ids))
        return np.fromiter(itertools.chain.from_iterable(ids), np.int32, int(lengths.sum())), lengths

    def _ids(self, texts: Sequence[str]) -> list[list[int]]:
        try:
            encodings = self._tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)
        except TypeError:  # one None or lone surrogate makes the whole batch fail
            encodings = self._tokenizer.encode_batch_fast([readable(t) for t in texts], add_special_tokens=False)
        return [encoding.ids for encoding in encodings]


def readable(text: object) -> str:
    """Return a UTF-8 encodable text of the same length: a lone surrogate becomes U+FFFD, a non-string "".

    Example:
        >>> readable("好\\ud83d"), readable(None)
        ('好\ufffd', '')
    """
    if not isinstance(text, str):
        return ""
    return _SURROGATE.sub("\ufffd", text)

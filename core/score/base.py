"""What all tokenizing backends share: encoding, batching, one forward pass, probabilities in schema order.

A subclass only maps ids to the probabilities of its heads (``run``); this class does the rest, so that backends
cannot differ in order, batching, handling of unknown text or normalisation.
"""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.errors import ModelError
from core.schema import LABELS
from core.score.agreement import Agreement
from core.score.batch import Bunch, Tokens, batches, bunched, laid_out
from core.score.cpu import cpu_threads
from core.score.labels import class_matrix, known_labels
from core.score.pool import in_order
from core.score.tokens import Encoder
from core.settings import get_settings

__all__ = ["SCORING_REVISION", "TokenBackend", "check", "digest"]

#: Part of every version: raise it when encoding, the unknown-text rule or the class mapping changes the probabilities.
SCORING_REVISION: Final = "1"


class TokenBackend(ABC):
    """A backend over a ``tokenizers`` tokenizer; satisfies ``schema.Backend`` and adds the other heads.

    Args:
        name: Registry name or folder.
        version: Hex digest of all files that determine the probabilities, see ``digest``.
        encoder: Converts texts to ids.
        heads: Per output of ``run``, the names of its classes in order.
        main: The head used for sentiment.
        window_tokens: Maximum number of tokens of a text that the model reads, excluding special tokens.

    Attributes:
        engine: The engine and precision, such as ``onnx-int8``.
        agreement: Agreement with the model in float32; None if not measured.
    """

    engine: str = ""
    #: Whether ``run`` uses one thread, so that several batches may run in parallel.
    side_by_side: bool = True
    agreement: Agreement | None = None

    def __init__(
        self,
        *,
        name: str,
        version: str,
        encoder: Encoder,
        heads: dict[str, tuple[str, ...]],
        main: str,
        window_tokens: int,
    ) -> None:
        self.name = name
        self.version = version
        self.heads = heads
        self._main = main
        self._encoder = encoder
        self._matrix = class_matrix(heads[main], name)
        self._window_tokens = window_tokens
        self.labels = known_labels(self._matrix)

    @property
    def window_tokens(self) -> int:
        """Maximum number of tokens of a text that the model reads, excluding special tokens."""
        return self._window_tokens

    @abstractmethod
    def run(self, ids: NDArray[np.int64], heads: Sequence[str]) -> list[NDArray[np.float32]]:
        """Return the probabilities of each named head for texts of equal length.

        Args:
            ids: Token ids with special tokens, shape (n, length); no padding.
            heads: Names of the requested outputs.

        Returns:
            One array of shape (n, classes) per name, rows sum to 1.
        """

    def run_bunch(self, bunch: Bunch, heads: Sequence[str]) -> list[NDArray[np.float32]]:
        """Return the probabilities of each named head for the texts of several batches, in order.

        Args:
            bunch: The batches.
            heads: Names of the requested outputs.

        Returns:
            One array of shape (n, classes) per name, rows sum to 1.
        """
        answers = [self.run(ids, heads) for ids in bunch.batches()]
        return [np.concatenate(found) for found in zip(*answers, strict=True)]

    def encode(self, texts: Sequence[str]) -> Tokens:
        """Return the token ids of the texts, without special tokens or truncation."""
        return self._encoder.encode(texts)

    def tokenizer_json(self) -> str:
        """Return the content of a tokenizer.json that yields the same ids."""
        return self._encoder.as_json()

    def lengths(self, texts: Sequence[str]) -> NDArray[np.int32]:
        """Return the number of tokens of each text, shape (n,), excluding special tokens."""
        return self.encode(texts).lengths

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Return the (start, end) of each token in characters of the text, end exclusive."""
        return self._encoder.spans(text)

    def score(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return sentiment probabilities, shape (n, 3), see ``schema.Backend.score``."""
        return self.score_tokens(self.encode(texts))

    def score_tokens(self, tokens: Tokens) -> NDArray[np.float32]:
        """Return sentiment probabilities of encoded texts, shape (n, 3) in ``LABELS`` order, rows sum to 1.

        Raises:
            ModelError: M08 the model returns NaN.
        """
        return self.score_tokens_with(tokens, ())[0]

    def score_tokens_with(
        self, tokens: Tokens, heads: Sequence[str], watch: Callable[[int], None] | None = None
    ) -> list[NDArray[np.float32]]:
        """Return what ``score_tokens`` does, plus the probabilities of further heads from the same pass.

        Args:
            tokens: Encoded texts.
            heads: Further heads, keys of ``self.heads``.
            watch: Called after every batch with the number of texts done; may raise to stop.

        Returns:
            Sentiment, shape (n, 3), then one array of shape (n, classes) per name.

        Raises:
            ModelError: M08 the model returns NaN.
        """
        names = tuple(dict.fromkeys((self._main, *heads)))
        answers = dict(zip(names, self.head_tokens(tokens, names, watch), strict=True))
        sentiment = check((answers[self._main] @ self._matrix).astype(np.float32), tokens.n, self.name)
        return [sentiment, *(answers[name] for name in heads)]

    def score_heads(self, texts: Sequence[str], heads: Sequence[str] = ()) -> dict[str, NDArray[np.float32]]:
        """Return the probabilities of other heads, each text truncated at ``window_tokens``.

        Args:
            texts: The texts.
            heads: Keys of ``self.heads``; empty = all of them.

        Returns:
            Per name an array of shape (n, classes), rows sum to 1, classes in the order of ``self.heads[name]``.

        Raises:
            ModelError: M14 there is no head with that name.
        """
        wanted = tuple(heads) or tuple(self.heads)
        for name in wanted:
            if name not in self.heads:
                raise ModelError("M14", f"模型 {self.name} 没有“{name}”输出。", f"可用的输出:{'、'.join(self.heads)}。")
        return dict(zip(wanted, self.head_tokens(self.encode(texts), wanted), strict=True))

    def head_tokens(
        self, tokens: Tokens, heads: Sequence[str], watch: Callable[[int], None] | None = None
    ) -> list[NDArray[np.float32]]:
        """Return the probabilities of the named heads, each (n, classes); uniform for texts without a known token.

        A model has no evidence about an empty text or one of unknown characters only, yet would return some answer: a
        uniform row expresses this and is later marked for review.
        """
        known = tokens.known(self._encoder.unknown_id)
        arrays = self.forward(tokens, np.flatnonzero(known), heads, [len(self.heads[h]) for h in heads], watch)
        for array in arrays:
            array[~known] = 1 / array.shape[1]
        return arrays

    def forward(
        self,
        tokens: Tokens,
        rows: NDArray[np.int64],
        outputs: Sequence[str],
        widths: Sequence[int],
        watch: Callable[[int], None] | None = None,
    ) -> list[NDArray[np.float32]]:
        """Run some texts through the model in batches.

        Args:
            tokens: All texts.
            rows: Those to run.
            outputs: Names of the requested outputs.
            widths: Columns of each output.
            watch: Called after every batch with the number of texts done; may raise to stop.

        Returns:
            One array of shape (n, width) per output; zero in rows that were not run.

        Raises:
            ModelError: M08 an output has the wrong shape.
        """
        arrays = [np.zeros((tokens.n, width), np.float32) for width in widths]
        done = 0
        lengths = self._lengths(tokens)[rows]
        budget = get_settings().batch_tokens
        bunches = bunched(batches(lengths, budget), lengths, budget, cpu_threads())

        def answer(bunch: list[NDArray[np.int64]]) -> int:
            own = rows[np.concatenate(bunch)]
            answers = self.run_bunch(self._laid_out(tokens, [rows[index] for index in bunch]), outputs)
            for array, found in zip(arrays, answers, strict=True):
                if found.shape != (len(own), array.shape[1]):
                    raise _refused(self.name, found.shape, (len(own), array.shape[1]))
                array[own] = found  # disjoint rows: no other thread writes them
            return len(own)

        for n in in_order(answer, bunches) if self.side_by_side else map(answer, bunches):
            done += n
            if watch is not None:
                watch(done)
        return arrays

    def batched(self, tokens: Tokens) -> Iterator[NDArray[np.int64]]:
        """Yield the ids of each batch of all texts, truncated at ``window_tokens``."""
        for part in batches(self._lengths(tokens), get_settings().batch_tokens):
            yield from self._laid_out(tokens, [part]).batches()

    def _lengths(self, tokens: Tokens) -> NDArray[np.int32]:
        return np.minimum(tokens.lengths, self._window_tokens) + 2

    def _laid_out(self, tokens: Tokens, parts: Sequence[NDArray[np.int64]]) -> Bunch:
        return laid_out(tokens, parts, self._encoder.start_id, self._encoder.end_id, self._window_tokens)


def check(probabilities: NDArray[np.float32], n: int, name: str) -> NDArray[np.float32]:
    """Return the probabilities with rows normalised to sum to 1, or raise if they are invalid.

    Args:
        probabilities: The backend's output.
        n: Number of texts scored.
        name: The backend's name, for the message.

    Raises:
        ModelError: M08 wrong shape, NaN, negative, or rows that do not sum to 1 within 0.01.

    Example:
        >>> check(np.array([[0.2, 0.0, 0.8]], np.float32), 1, "x").tolist()[0][1]
        0.0
    """
    array = np.asarray(probabilities, np.float32)
    if array.shape != (n, len(LABELS)):
        raise _refused(name, array.shape, (n, len(LABELS)))
    total = array.sum(axis=1, keepdims=True)
    if n and not (array.min() >= 0 and np.abs(total - 1).max() <= 0.01):  # a NaN makes both comparisons false
        raise ModelError(
            "M08", f"模型 {name} 返回了无效的概率(NaN、负数或总和不为 1)。", "权重可能已损坏,请重新获取模型。"
        )
    scaled: NDArray[np.float32] = array / total
    return scaled


def _refused(name: str, found: tuple[int, ...], wanted: tuple[int, ...]) -> ModelError:
    return ModelError("M08", f"模型 {name} 返回了形状 {found},应为 {wanted}。", "请换一个模型,或重新获取它。")


def digest(files: Iterable[Path]) -> str:
    """Return a model's version: 16 hex digits of a SHA-256 over the files and ``SCORING_REVISION``."""
    total = hashlib.sha256(SCORING_REVISION.encode())
    for path in files:
        with path.open("rb") as stream:
            total.update(hashlib.file_digest(stream, "sha256").digest())
    return total.hexdigest()[:16]

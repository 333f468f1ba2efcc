"""Score texts with a backend: tokenize once, split long ones into windows, pool, label."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, cast

import numpy as np
from numpy.typing import NDArray

from core.errors import InputError
from core.schema import LABELS, Backend, ScoreOptions, Scores
from core.score import emotions, hub, table
from core.score.base import TokenBackend, check
from core.score.batch import Tokens
from core.score.labels import label
from core.score.tokens import readable
from core.score.windows import Plan, plan, pool

__all__ = ["Encoded", "download", "encode", "score", "score_encoded", "score_heads"]

#: Texts per call of a backend that does not take tokens.
_SLICE_TEXTS: Final = 512


@dataclass(frozen=True, slots=True)
class Encoded:
    """Texts ready for the model.

    Attributes:
        layout: Which texts are short and which are split into windows.
        units: The short texts, then all windows: tokens, or texts for a backend without tokens.
    """

    layout: Plan
    units: Tokens | list[str]

    def __len__(self) -> int:
        return self.units.n if isinstance(self.units, Tokens) else len(self.units)


def score(texts: Sequence[str], backend: Backend, options: ScoreOptions | None = None) -> Scores:
    """Score texts and label them.

    Args:
        texts: Comments; None and other non-strings count as empty. An empty text, or one without a character the model
            knows, gets equal probabilities for every label of the model and the label neutral.
        backend: An open model.
        options: Neutral band, review threshold, maximum windows; None = the defaults.

    Returns:
        Scores of the n texts in order; arrays of length 0 for no texts.

    Raises:
        InputError: M21 an option is out of its range.
        ModelError: M08 the model returns NaN or the wrong shape, M14 emotions were requested of a model that has
            none.

    Example:
        >>> from core.score import load
        >>> scores = score(["很好吃", "太难吃了,再也不来"], load("builtin"))
        >>> scores.label.tolist()
        [2, 0]
    """
    options = options or ScoreOptions()
    return score_encoded(encode(texts, backend, options), backend, options)


def encode(texts: Sequence[str], backend: Backend, options: ScoreOptions) -> Encoded:
    """Prepare texts for the model: tokenize if the backend supports it, and split long texts into windows.

    Args:
        texts: As in ``score``.
        backend: An open model.
        options: Maximum windows per text.

    Raises:
        InputError: M21 an option is out of its range.
    """
    if options.max_windows < 1:
        raise InputError("M21", f"max_windows 的值 {options.max_windows} 小于 1。", "请改为 1 或更大的整数。")
    if not isinstance(backend, TokenBackend):
        whole = [readable(text) for text in texts]
        layout = plan(whole, backend.lengths(whole), backend, options.max_windows)
        return Encoded(layout, [*(whole[row] for row in layout.short), *layout.pieces])
    tokens = backend.encode(texts)
    layout = plan(texts, tokens.lengths, backend, options.max_windows)
    if layout.pieces:
        tokens = tokens.take(layout.short).join(backend.encode(layout.pieces))
    return Encoded(layout, tokens)


def score_encoded(
    encoded: Encoded, backend: Backend, options: ScoreOptions, watch: Callable[[float], None] | None = None
) -> Scores:
    """Run the model on encoded texts and label them.

    Args:
        encoded: The result of ``encode`` with the same backend and options.
        backend: An open model.
        options: As in ``score``.
        watch: Called now and then with the completed fraction, in [0, 1]; may raise to stop.

    Raises:
        InputError: M21 an option is out of its range.
        ModelError: M08 the model returns NaN or the wrong shape, M14 emotions were requested of a model that has
            none.
    """
    heads = emotions.heads_of(backend) if options.emotion else ()
    layout, n = encoded.layout, max(1, len(encoded))

    def tell(done: int) -> None:
        if watch is not None:
            watch(done / n)

    if isinstance(backend, TokenBackend) and isinstance(encoded.units, Tokens):
        answers = backend.score_tokens_with(encoded.units, heads, tell)
    else:
        answers = [_asked(backend, cast("list[str]", encoded.units), tell)]
    cut = len(layout.short)
    if layout.pieces:
        answers = [pool(layout, one[:cut], one[cut:]) for one in answers]
    scores = label(answers[0], layout.windows, layout.cut, options)
    if not heads:
        return scores
    return replace(
        scores, emotions=emotions.read(dict(zip(heads, answers[1:], strict=True)), cast(TokenBackend, backend))
    )


def score_heads(
    texts: Sequence[str], backend: TokenBackend, heads: Sequence[str] = (), max_windows: int = 16
) -> dict[str, NDArray[np.float32]]:
    """Return the probabilities of a model's other heads (emotion, offensive), with long texts windowed and pooled.

    Args:
        texts: Comments.
        backend: A model with ``heads``.
        heads: Names of the requested heads; empty = all.
        max_windows: Maximum number of windows per text.

    Returns:
        Per head an array of shape (n, classes), rows sum to 1, classes in the order of ``backend.heads[name]``.

    Raises:
        ModelError: M14 the model has no head with that name.

    Example:
        >>> from core.score import load
        >>> model = load("builtin")
        >>> score_heads(["气死我了"], model, ["emotion"])["emotion"].shape == (1, len(model.heads["emotion"]))
        True
    """
    layout: Plan = plan(texts, backend.lengths(texts), backend, max_windows)
    short = backend.score_heads([texts[row] for row in layout.short], heads)
    long = backend.score_heads(layout.pieces, heads)
    return {name: pool(layout, values, long[name]) for name, values in short.items()}


def download(name: str, progress: Callable[[int, int], None]) -> Path:
    """Download a named model from ModelScope into the data folder; call it only on a user's request.

    Args:
        name: A name of ``models()`` that does not ship with Tingfeng.
        progress: Called about four times a second with (bytes received, bytes expected); may raise to cancel.

    Returns:
        The complete folder of the model.

    Raises:
        NetworkMissingError: M03 the hub does not respond; known within four seconds.
        ModelError: M01 no such name, M12 the transfer failed, M15 the model needs no download.
    """
    entry = table.find_entry(name)
    expected = int(entry.size_mb * 1e6)

    def report(received: int) -> None:
        progress(received, max(expected, received))

    def transfer(repo: str, folder: Path, count: Callable[[int], None]) -> None:
        from core.score.structbert import transfer as fetch  # imports torch and modelscope only now

        fetch(repo, folder, count)

    return hub.download_repo(entry.repo, report, transfer)


def _asked(backend: Backend, texts: list[str], tell: Callable[[int], None]) -> NDArray[np.float32]:
    """Score with a backend that takes texts, in slices so that progress can be reported."""
    answers = [np.zeros((0, len(LABELS)), np.float32)]
    for start in range(0, len(texts), _SLICE_TEXTS):
        part = texts[start : start + _SLICE_TEXTS]
        answers.append(check(backend.score(part), len(part), backend.name))
        tell(start + len(part))
    return np.concatenate(answers)

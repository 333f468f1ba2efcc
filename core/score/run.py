"""Score texts with a backend: encode once, window the long ones, pool, label."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.errors import InputError
from core.schema import Backend, ScoreOptions, Scores
from core.score import emotions, hub, table
from core.score.base import TokenBackend, check
from core.score.labels import label
from core.score.tokens import readable
from core.score.windows import Plan, plan, pool

__all__ = ["download", "score", "score_heads"]


def score(texts: Sequence[str], backend: Backend, options: ScoreOptions | None = None) -> Scores:
    """Score texts and label them.

    Args:
        texts: Comments; None and other non-texts count as empty. An empty text, or one without a character the model
            knows, gets equal probabilities for every label of the model and the label neutral.
        backend: An open model.
        options: Neutral band, review threshold, windows of a long text; None = the defaults.

    Returns:
        Scores of the n texts in their order; for no text arrays of length 0.

    Raises:
        InputError: M21 an option is out of its range.
        ModelError: M08 the model answers with NaN or in the wrong shape, M14 emotions were asked of a model that has
            none.

    Example:
        >>> from core.score import load
        >>> scores = score(["很好吃", "太难吃了,再也不来"], load("builtin"))
        >>> scores.label.tolist()
        [2, 0]
    """
    options = options or ScoreOptions()
    if options.max_windows < 1:
        raise InputError("M21", f"max_windows 的值 {options.max_windows} 小于 1。", "请改为 1 或更大的整数。")
    heads = emotions.heads_of(backend) if options.emotion else ()
    if not isinstance(backend, TokenBackend):
        texts = [readable(text) for text in texts]
        layout = plan(texts, backend.lengths(texts), backend, options.max_windows)
        short = _asked(backend, [texts[row] for row in layout.short])
        probabilities = pool(layout, short, _asked(backend, layout.pieces)) if layout.pieces else short
        return label(probabilities, layout.windows, layout.cut, options)
    layout, (sentiment, *more) = _answers(texts, backend, heads, options.max_windows)
    scores = label(sentiment, layout.windows, layout.cut, options)
    return replace(scores, emotions=emotions.read(dict(zip(heads, more, strict=True)), backend)) if heads else scores


def score_heads(
    texts: Sequence[str], backend: TokenBackend, heads: Sequence[str] = (), max_windows: int = 16
) -> dict[str, NDArray[np.float32]]:
    """Return the probabilities of a model's other heads (emotion, offensive), long texts windowed and pooled.

    Args:
        texts: Comments.
        backend: A model with ``heads``.
        heads: Names of the heads wanted; empty = all.
        max_windows: Windows scored of one text.

    Returns:
        Per head an array of shape (n, classes), rows sum to 1, classes in the order of ``backend.heads[name]``.

    Raises:
        ModelError: M14 the model has no head of that name.

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
    """Download a named model from ModelScope into the data folder; call it only because a person asked for it.

    Args:
        name: A name of ``models()`` that does not ship with Tingfeng.
        progress: Called about four times a second with (bytes received, bytes expected); may raise to give up.

    Returns:
        The folder of the model, complete.

    Raises:
        NetworkMissingError: M03 the hub does not answer; known within four seconds.
        ModelError: M01 no such name, M12 the transfer failed, M15 the model needs no download.
    """
    entry = table.find_entry(name)
    expected = int(entry.size_mb * 1e6)

    def report(received: int) -> None:
        progress(received, max(expected, received))

    def transfer(repo: str, folder: Path, count: Callable[[int], None]) -> None:
        from core.score.structbert import transfer as fetch  # torch and modelscope, only now

        fetch(repo, folder, count)

    return hub.download_repo(entry.repo, report, transfer)


def _answers(
    texts: Sequence[str], backend: TokenBackend, heads: Sequence[str], max_windows: int
) -> tuple[Plan, list[NDArray[np.float32]]]:
    """Return the layout and, in one pass per text, sentiment (n, 3) and the named heads (n, classes), pooled."""
    tokens = backend.encode(texts)
    layout = plan(texts, tokens.lengths, backend, max_windows)
    if not layout.pieces:
        return layout, backend.score_tokens_with(tokens, heads)
    short = backend.score_tokens_with(tokens.take(layout.short), heads)
    long = backend.score_tokens_with(backend.encode(layout.pieces), heads)
    return layout, [pool(layout, a, b) for a, b in zip(short, long, strict=True)]


def _asked(backend: Backend, texts: list[str]) -> NDArray[np.float32]:
    return check(backend.score(texts), len(texts), backend.name)

"""Surface variants of a comment: emoji, punctuation, spaces, typos; the label is unchanged.

No traditional script: the tokenizer folds it to simplified (`vocab.fold_char`), so it would be the same row.
"""

from __future__ import annotations

import random
import re

from core.schema import LABELS

BAD, PLAIN, GOOD = range(len(LABELS))
_MARKS = re.compile(r"[,，。.!！?？;；、~～…]+")
_ENDS = {
    BAD: ("！", "！！！", "。。。", "……", "？？？", "!"),
    PLAIN: ("。", "", ".", " "),
    GOOD: ("！", "！！！", "~", "～～", "。", "!"),
}


def alter(text: str, label: int, words: dict[str, list[str]], misspelt: dict[str, str], rng: random.Random) -> str:
    """Rewrite a text in a random variant.

    Args:
        text: A comment.
        label: `BAD`, `PLAIN` or `GOOD`; an emoji matches it, a plain text gets none. Anything else: unknown, no emoji.
        words: With ``emoji_good`` and ``emoji_bad``.
        misspelt: Word → its common misspelling.
        rng: Chooses the variant.

    Returns:
        The text with an emoji, no punctuation, another ending, a common misspelling, or a dropped or doubled character.
    """
    way = rng.random()
    if way < 0.35 and label in (BAD, GOOD):
        face = rng.choice(words["emoji_good" if label == GOOD else "emoji_bad"])
        return text.rstrip("。.") + face * rng.choice([1, 1, 3])
    if way < 0.6:
        return _MARKS.sub(rng.choice(["", " "]), text).strip()
    if way < 0.7:
        return text.rstrip("。.!！~～ ") + rng.choice(_ENDS.get(label, _ENDS[PLAIN]))
    if way < 0.8:
        found = [word for word in misspelt if word in text]
        return text.replace(word := rng.choice(found), misspelt[word]) if found else text
    return _slip(text, rng)


def _slip(text: str, rng: random.Random) -> str:
    if len(text) <= 8:
        return text
    at = rng.randrange(len(text) - 1)
    # Never drop a character that reverses the meaning.
    if any(char in "不没無无非别未反" for char in text[at : at + 2]):
        return text
    return text[:at] + rng.choice([text[at] * 2, "", text[at + 1] + text[at]]) + text[at + rng.choice([1, 1, 2]) :]

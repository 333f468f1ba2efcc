"""A grammar of comments: families of constructions filled with things, aspects and opinion words of many domains.

``data/phrases.toml`` lists forms of negation, turns, comparison, wishes, quotation and mockery; this module fills them
in. The label belongs to the form: the construction decides the meaning, whatever fills its slots.
"""

from __future__ import annotations

import random
import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from core.train.alterations import BAD, GOOD, PLAIN, alter

__all__ = ["Phrase", "families", "grammar", "lexicon", "sample"]

LABEL: Final = {"bad": BAD, "plain": PLAIN, "good": GOOD}
ALTERED: Final = 0.35  # share of phrases rewritten in another variant
_FOLDER: Final = Path(__file__).parent
_SLOT: Final = re.compile(r"\{(\w+)\}")
_STUTTER: Final = re.compile("不不|不没|太太")  # 不 before 不耐烦 is unidiomatic


@dataclass(frozen=True)
class Phrase:
    """One synthetic comment, its family and its domain."""

    text: str
    label: int
    family: str
    domain: str


@cache
def lexicon() -> dict[str, list[str]]:
    """Return the word lists of ``lexicon.toml``."""
    return tomllib.loads((_FOLDER / "lexicon.toml").read_text("utf-8"))


@cache
def grammar() -> dict[str, Any]:
    """Return ``data/phrases.toml``: words, misspelt, domains, families."""
    return tomllib.loads((_FOLDER / "data" / "phrases.toml").read_text("utf-8"))


def families() -> dict[str, dict[str, list[str]]]:
    """Return family → kind (bad, plain, good) → forms."""
    found: dict[str, dict[str, list[str]]] = grammar()["families"]
    return found


def fill(form: str, domain: dict[str, Any], rng: random.Random) -> str:
    """Fill the slots of a form with words of one domain.

    Args:
        form: With slots as explained in ``data/phrases.toml``.
        domain: One of its domains.
        rng: Chooses the words; a repeated slot gets the same word each time.

    Returns:
        A sentence without slots.
    """
    first, second = rng.sample(domain["aspects"], 2)
    values = {"t": rng.choice(domain["things"]), "F": rng.choice(domain["facts"])}
    for name, (aspect, good, bad) in (("", first), ("2", second)):
        values |= {f"a{name}": aspect, f"g{name}": rng.choice(good.split()), f"b{name}": rng.choice(bad.split())}
    for kind, name in (("good", "G"), ("bad", "B")):
        values[name], values[f"{name}2"] = rng.sample(domain[kind], 2)
    words = lexicon() | grammar()["words"]
    for slot in _SLOT.findall(form):
        if slot not in values:
            values[slot] = rng.choice(words[slot])
    return form.format_map(values)


def sample(n: int, seed: int = 1) -> list[Phrase]:
    """Generate up to ``n`` different phrases, cycling evenly through the families.

    Args:
        n: Phrases to generate; families with few forms (slang alone) run out and yield fewer.
        seed: Equal seeds give equal phrases.

    Returns:
        Phrases in random order, no text twice; before duplicates are dropped, bad and good ones are equally frequent
        in every family that has both.
    """
    rng = random.Random(seed)
    names, tries = sorted(families()), 0
    found: dict[str, Phrase] = {}
    while len(found) < n and tries < 2 * n:
        family = names[tries % len(names)]
        tries += 1
        forms = families()[family]
        kind = rng.choice(sorted(forms))
        domain = rng.choice(grammar()["domains"])
        text = fill(rng.choice(forms[kind]), domain, rng)
        if _STUTTER.search(text):
            continue
        if rng.random() < ALTERED:
            text = alter(text, LABEL[kind], lexicon(), grammar()["misspelt"], rng)
        found.setdefault(text, Phrase(text, LABEL[kind], family, domain["name"]))
    phrases = list(found.values())
    rng.shuffle(phrases)
    return phrases

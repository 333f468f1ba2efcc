"""Derived table of the dialogues: one row per turn, with the figures of the whole dialogue repeated on it."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from core.derive.listening import HeardTalk, Listener, hears_all
from core.derive.recipe import Report
from core.derive.talks import count_talks, source_of, talks
from core.errors import InputError
from core.mine.dialogue import Assessment, Model, assess, concern, fits, open_model, reasons, waits
from core.results import level_of
from core.schema import Backend, Col
from core.store import LabelledTable

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["HEARD", "LIMIT_DIALOGUES", "PLAIN", "WORDS", "Dialogues"]

#: Increment it when rules or columns change.
_REVISION: Final = 4
#: Dialogues processed unless all are requested.
LIMIT_DIALOGUES: Final = 10_000
_BLOCK: Final = 250
#: How satisfaction was determined: by the trained model with all inputs, by its words alone, by the rule-based mood.
HEARD, WORDS, PLAIN = "heard", "words", "plain"


@dataclass(frozen=True)
class Dialogues:
    """Segment, score and assess the dialogues of a table.

    Attributes:
        backend: An open model.
        whole: Process all dialogues instead of an even sample of ``LIMIT_DIALOGUES``.
    """

    backend: Backend = field(repr=False, compare=False)
    whole: bool = False
    kind: str = "dialogues"
    title: str = "正在听每一段对话"

    def cache_key(self) -> tuple[object, ...]:
        """Return what determines the content besides the table."""
        model = open_model()
        return (_REVISION, self.whole, self.backend.version, model.version if model else "")

    def make(self, table: LabelledTable, facts: dict[str, Any], report: Report) -> Iterator[pd.DataFrame]:
        """Yield the turns, dialogue by dialogue; the first turns of all dialogues come last.

        Raises:
            InputError: N15 the table holds no dialogues.
        """
        source = source_of(table)
        if source is None:
            raise InputError(
                "N15",
                "这个表里没有找到客服对话。",
                "需要“会话ID、角色、内容”这样一行一句的表,或一格一段、带“客服:”“用户:”标记的文字。",
            )
        report(0, 0)
        total = count_talks(table, source)
        chosen = talks(table, source, most=None if self.whole or total <= LIMIT_DIALOGUES else LIMIT_DIALOGUES)
        judge, listen = _Judge(open_model(), self.backend), Listener(self.backend)
        facts |= {"dialogues": len(chosen), "of": total, "model": judge.version, "backend": self.backend.version}
        facts["how"] = judge.how
        yield _frame([])
        heads = []
        for start in range(0, len(chosen), _BLOCK):
            report(start, len(chosen))
            part = listen(chosen[start : start + _BLOCK])
            frame = _frame([line for i, one in enumerate(part) for line in judge.lines(start + i, one)])
            first = frame["turn"] == 1
            heads.append(frame[first])
            yield frame[~first]
        # kept together: most queries are about whole dialogues and can skip the row groups of other turns
        yield from heads
        facts["judged"] = judge.counts
        report(len(chosen), len(chosen))


class _Judge:
    """Converts dialogues into rows, by the rules and, where it applies, the trained model."""

    def __init__(self, model: Model | None, backend: Backend) -> None:
        self._model = model
        self.how = PLAIN
        if model is not None:
            self.how = HEARD if hears_all(backend) and model.knows(backend.version) else WORDS
        self.version = model.version if model is not None else ""
        self.counts = {HEARD: 0, WORDS: 0, PLAIN: 0}

    def lines(self, number: int, one: HeardTalk) -> list[dict[str, object]]:
        """Return the rows of one dialogue."""
        found = assess(one.talk.turns, one.heard)
        how = self.how if self._model is not None and fits(one.rounds) else PLAIN
        self.counts[how] += 1
        satisfaction = found.mood
        if self._model is not None and how != PLAIN:
            satisfaction = self._model.satisfaction(one.rounds, heard=how == HEARD)
        return _lines(number, one, found, satisfaction, how)


def _lines(number: int, one: HeardTalk, found: Assessment, satisfaction: float, how: str) -> list[dict[str, object]]:
    talk = one.talk
    faults: dict[int, list[str]] = {}
    for turn, why in found.faults:
        faults.setdefault(turn, []).append(why)
    whole: dict[str, object] = {
        "dialogue": number,
        "name": talk.name,
        "agent": talk.agent,
        "turns": len(talk.turns),
        "satisfaction": satisfaction,
        "level": level_of(satisfaction),
        "how": how,
        "plain": found.mood,
        "start": found.start,
        "final": found.end,
        "lowest": found.lowest,
        "lowest_turn": found.lowest_turn,
        "quote": found.quote,
        "unresolved": found.unresolved,
        "faults": len(found.faults),
        "waited": max(found.waits, default=math.nan),
        "concern": concern(satisfaction, found),
        "reasons": ";".join(reasons(satisfaction, found)),
    }
    waited = waits(talk.turns)
    return [
        {
            Col.ROW: talk.rows[i],
            "turn": i + 1,
            "role": turn.role,
            "speaker": turn.speaker,
            "text": turn.text,
            "time": turn.time,
            "mood": one.heard[i].mood,
            "offensive": one.heard[i].offensive,
            "sentences": json.dumps([[text, _rounded(mood)] for text, mood in one.pieces[i]], ensure_ascii=False),
            "fault": "、".join(faults.get(i + 1, ())),
            "wait": waited[i],
            **whole,
        }
        for i, turn in enumerate(talk.turns)
    ]


def _rounded(mood: float) -> float | None:
    return None if math.isnan(mood) else round(mood, 2)


_TYPES: Final = {
    Col.ROW: "int64",
    "turn": "int32",
    "role": "int8",
    "speaker": "str",
    "text": "str",
    "time": "datetime64[us]",
    "mood": "float32",
    "offensive": "float32",
    "sentences": "str",
    "fault": "str",
    "wait": "float32",
    "dialogue": "int64",
    "name": "str",
    "agent": "str",
    "turns": "int32",
    "satisfaction": "float32",
    "level": "int8",
    "how": "str",
    "plain": "float32",
    "start": "float32",
    "final": "float32",
    "lowest": "float32",
    "lowest_turn": "int32",
    "quote": "str",
    "unresolved": "bool",
    "faults": "int32",
    "waited": "float32",
    "concern": "float32",
    "reasons": "str",
}


def _frame(records: Sequence[dict[str, object]]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(
        {name: pd.Series([line[name] for line in records], dtype=kind) for name, kind in _TYPES.items()}
    )

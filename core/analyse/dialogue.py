"""Customer-service dialogues from the derived table of ``core.derive.dialogues``: figures, review list, agents, a talk.

A dialogue is selected when the filter keeps any of its turns.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from core.analyse.filters import Chosen, checked_view, filter_of, where
from core.analyse.frames import bit_string, has_bit
from core.analyse.means import Sample, apart_p, mean_of, others
from core.analyse.statistics import holm
from core.metrics import wilson
from core.results import LEVELS, Agent, Agents, Dialogue, Dialogues, Service, Talk, Utterance
from core.schema import Col, Filter, Table

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Picked", "agents", "dialogues", "pick", "service", "talk"]

_FIGURES: Final = (
    "count(*) AS n, avg(satisfaction) FILTER (NOT isnan(satisfaction)) AS mean, "
    "stddev_samp(satisfaction) FILTER (NOT isnan(satisfaction)) AS spread, "
    "count(*) FILTER (NOT isnan(satisfaction)) AS judged, count(*) FILTER (unresolved) AS unresolved, "
    "count(*) FILTER (faults > 0) AS faulty, median(waited) FILTER (NOT isnan(waited)) AS waited, "
    "count(*) FILTER (NOT isnan(waited)) AS timed"
)


@dataclass(frozen=True, slots=True)
class Picked:
    """The dialogues that a filter keeps, looked up once for several analyses.

    Attributes:
        numbers: ``bit_string`` of the kept dialogues; None = all are kept.
    """

    filter: Filter
    numbers: str | None = None


def pick(table: Table, chosen: Chosen, *, view: str) -> Picked:
    """Look up, once, the dialogues of which a filter keeps any turn.

    Args:
        table: The labelled table.
        chosen: The filter.
        view: Derived table of dialogues; the result is valid for this one only.

    Raises:
        InputError: N06 ``view`` is not a derived table, and whatever ``where`` raises.
        StoreError: S10 the derived table is gone.
    """
    if filter_of(chosen) == Filter():
        return Picked(Filter())
    kept, values = _kept(checked_view(view), chosen)
    found = table.query(f"SELECT DISTINCT dialogue FROM ({kept})", values)["dialogue"].to_numpy(np.int64)
    return Picked(filter_of(chosen), bit_string(found))


def service(table: Table, chosen: Chosen | Picked, *, view: str) -> Service:
    """Return the key figures of the selected dialogues.

    Args:
        table: The labelled table.
        chosen: The filter, or the result of ``pick``.
        view: Derived table of dialogues.

    Raises:
        InputError: N06 ``view`` is not a derived table, and whatever ``where`` raises.
        StoreError: S10 the derived table is gone.
    """
    within, values = _chosen(view, chosen)
    levels = ", ".join(f"count(*) FILTER (level = {i}) AS level_{i}" for i in range(len(LEVELS)))
    row = table.query(f"SELECT {_FIGURES}, {levels} FROM {view} WHERE {within}", values).iloc[0]
    counts = tuple(int(row[f"level_{i}"]) for i in range(len(LEVELS)))
    one = _agent("", row, math.nan, math.nan)
    return Service(_filter(chosen), one.n, one.satisfaction, counts, one.unresolved, one.faulty, one.waited, one.timed)


def agents(table: Table, chosen: Chosen | Picked, *, view: str, limit: int = 50) -> Agents:
    """Return the agents, least satisfying first.

    The order is by the upper end of the interval of the mean satisfaction, so that a few bad dialogues weigh little.
    Even among equal agents, someone leads such a list: the test against all others tells whose satisfaction is really
    lower.

    Raises:
        InputError: N06 ``view`` is not a derived table, and whatever ``where`` raises.
        StoreError: S10 the derived table is gone.
    """
    within, values = _chosen(view, chosen)
    frame = table.query(
        f"SELECT agent, {_FIGURES} FROM {view} WHERE {within} AND agent <> '' GROUP BY agent ORDER BY agent", values
    )
    samples = [_sample(row) for _, row in frame.iterrows()]
    rest = others(samples)
    adjusted = holm([apart_p(one, others) for one, others in zip(samples, rest, strict=True)])
    found = [
        _agent(str(name), row, one.mean - others.mean, p)
        for name, (_, row), one, others, p in zip(
            frame["agent"], frame.iterrows(), samples, rest, adjusted, strict=True
        )
    ]
    ordered = sorted(found, key=_upper_end)
    return Agents(_filter(chosen), tuple(ordered[:limit]), len(ordered))


def dialogues(
    table: Table, chosen: Chosen | Picked, *, view: str, limit: int | None = 20, offset: int = 0, by_file: bool = False
) -> Dialogues:
    """Return the dialogues to review, worst first.

    Args:
        table: The labelled table.
        chosen: The filter, or the result of ``pick``.
        view: Derived table of dialogues.
        limit: Most dialogues; None = all.
        offset: Dialogues to skip first.
        by_file: Use the order of the file instead.

    Raises:
        InputError: N06 ``view`` is not a derived table, and whatever ``where`` raises.
        StoreError: S10 the derived table is gone.
    """
    within, values = _chosen(view, chosen)
    order = "dialogue" if by_file else "concern DESC, dialogue"
    # two steps: select the twenty, then fetch their columns, without reading the texts of a hundred thousand dialogues
    found = table.query(
        f"SELECT dialogue, count(*) OVER () AS total FROM {view} WHERE {within} ORDER BY {order} LIMIT ? OFFSET ?",
        [*values, 2**40 if limit is None else limit, offset],
    )
    total = int(found["total"].iloc[0]) if len(found) else 0
    frame = table.query(
        f"SELECT * EXCLUDE (text, sentences) FROM {view} WHERE turn = 1 AND dialogue IN (SELECT unnest(?)) "
        f"ORDER BY {order}",
        [found["dialogue"].tolist()],
    )
    return Dialogues(_filter(chosen), tuple(_dialogue(row) for row in frame.to_dict("records")), total)


def talk(table: Table, *, view: str, number: int) -> Talk | None:
    """Return one dialogue turn by turn; None if there is none with that number.

    Raises:
        InputError: N06 ``view`` is not a derived table.
        StoreError: S10 the derived table is gone.
    """
    checked_view(view)
    frame = table.query(f"SELECT * FROM {view} WHERE dialogue = ? ORDER BY turn", [number])
    lines = frame.to_dict("records")
    return Talk(_dialogue(lines[0]), tuple(map(_utterance, lines))) if lines else None


def _filter(chosen: Chosen | Picked) -> Filter:
    return chosen.filter if isinstance(chosen, Picked) else filter_of(chosen)


def _chosen(view: str, chosen: Chosen | Picked) -> tuple[str, list[object]]:
    """Return the condition for the first turns of the selected dialogues, and its parameters."""
    checked_view(view)
    if not isinstance(chosen, Picked):
        return _within(view, chosen)
    if chosen.numbers is None:
        return "turn = 1", []
    condition, bits = has_bit("dialogue", chosen.numbers)
    return f"turn = 1 AND {condition}", bits


def _within(view: str, chosen: Chosen) -> tuple[str, list[object]]:
    """Return the condition for the first turns of dialogues with any turn that the filter keeps, and its parameters."""
    if filter_of(chosen) == Filter():
        return "turn = 1", []
    kept, values = _kept(view, chosen)
    return f"turn = 1 AND dialogue IN ({kept})", values


def _kept(view: str, chosen: Chosen) -> tuple[str, list[object]]:
    """Return the query for the dialogue of every turn that the filter keeps, and its parameters."""
    condition, values = where(chosen, scored_only=False)
    rows = f"SELECT {Col.ROW} FROM comments WHERE {condition}"
    return f"SELECT dialogue FROM {view} WHERE {Col.ROW} IN ({rows})", values


def _agent(name: str, row: pd.Series[Any], apart: float, p_adjusted: float) -> Agent:
    n = int(row["n"])
    return Agent(
        name=name,
        n=n,
        satisfaction=mean_of(_sample(row)),
        unresolved=wilson(int(row["unresolved"]), n),
        faulty=wilson(int(row["faulty"]), n),
        waited=_number(row["waited"]),
        timed=int(row["timed"]),
        apart=apart,
        p_adjusted=p_adjusted,
    )


def _sample(row: pd.Series[Any]) -> Sample:
    return Sample(int(row["judged"]), _number(row["mean"]), _number(row["spread"]))


def _upper_end(one: Agent) -> tuple[float, float]:
    known = not math.isnan(one.satisfaction.high)
    return (one.satisfaction.high if known else math.inf, one.satisfaction.value if known else 0.0)


def _number(value: Any) -> float:
    """Return a number from a query result; NULL becomes NaN."""
    return math.nan if value is None else float(value)


def _dialogue(line: dict[Any, Any]) -> Dialogue:
    return Dialogue(
        number=int(line["dialogue"]),
        name=str(line["name"]),
        agent=str(line["agent"]),
        turns=int(line["turns"]),
        row=int(line[Col.ROW]),
        satisfaction=float(line["satisfaction"]),
        plain=float(line["plain"]),
        start=float(line["start"]),
        final=float(line["final"]),
        lowest=float(line["lowest"]),
        lowest_turn=int(line["lowest_turn"]),
        quote=str(line["quote"]),
        unresolved=bool(line["unresolved"]),
        faults=int(line["faults"]),
        waited=float(line["waited"]),
        reasons=tuple(filter(None, str(line["reasons"]).split(";"))),
        how=str(line["how"]),
    )


def _utterance(line: dict[Any, Any]) -> Utterance:
    moment = line["time"]
    known = moment is not None and str(moment) != "NaT"
    sentences = tuple((str(text), _number(mood)) for text, mood in json.loads(line["sentences"]))
    return Utterance(
        number=int(line["turn"]),
        role=int(line["role"]),
        speaker=str(line["speaker"]),
        text=str(line["text"]),
        time=moment.to_pydatetime() if known else None,
        mood=float(line["mood"]),
        sentences=sentences,
        fault=str(line["fault"]),
        wait=float(line["wait"]),
        row=int(line[Col.ROW]),
    )

"""The dialogues of a labelled table: one turn per row, or one dialogue per cell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time
from typing import TYPE_CHECKING, Final

from core.analyse.frames import quote
from core.analyse.sample import PLACE
from core.mine.dialogue import Layout, Turn, cut, find_layout, moment_of, person_of, with_roles
from core.results import AGENT, OTHER
from core.schema import Col, Status, Table, original

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Source", "Talk", "count_talks", "holds_talks", "source_of", "talks"]

#: Rows of each file that are sampled to detect how it stores dialogues, and files sampled by one query.
_SAMPLE_ROWS: Final = 300
_FILES_AT_ONCE: Final = 50
_ALONE: Final = "1"
_KEY: Final = "talk"


@dataclass(frozen=True, slots=True)
class Talk:
    """One dialogue.

    Attributes:
        name: Its name in the file; the row number if it has none.
        agent: Who served, for the table of agents; "" = no agent speaks.
        turns: In order; at least one.
        rows: Row of the labelled table for each turn.
    """

    name: str
    agent: str
    turns: tuple[Turn, ...]
    rows: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """The files of a table that hold dialogues, all in one layout; columns are named as in ``comments``."""

    layout: Layout
    files: tuple[str, ...]


def source_of(table: Table) -> Source | None:
    """Detect how a labelled table stores dialogues, from the first rows of each file.

    Returns:
        The first layout found and the files that have it; None if there are no dialogues.
    """
    found = dict(_layouts(table))
    chosen = next(iter(found.values()), None)
    return None if chosen is None else Source(chosen, tuple(name for name, one in found.items() if one == chosen))


def holds_talks(table: Table) -> bool:
    """Tell whether a labelled table holds dialogues, which takes less time than finding all files that do."""
    return next(_layouts(table), None) is not None


def _layouts(table: Table) -> Iterator[tuple[str, Layout]]:
    """Yield the files that hold dialogues, in order, with their layouts."""
    names = [Col.TEXT, *map(original, table.original_columns)]
    starts = table.query(f"SELECT {Col.FILE}, min({Col.ROW}) AS first FROM comments GROUP BY 1 ORDER BY 2")
    for start in range(0, len(starts), _FILES_AT_ONCE):
        part = starts[start : start + _FILES_AT_ONCE]
        # by row number, not LIMIT, so that the files of a million rows are not scanned
        near = " OR ".join(f"{Col.ROW} BETWEEN {first} AND {first + _SAMPLE_ROWS}" for first in part["first"])
        columns = _listed([Col.FILE, *names])
        sample = table.query(f"SELECT {columns} FROM comments {_READABLE} AND ({near}) ORDER BY {Col.ROW}")
        for file in part[Col.FILE]:
            layout = _layout_of(sample[sample[Col.FILE] == file], names)
            if layout is not None:
                yield str(file), layout


def _layout_of(sample: pd.DataFrame, names: Sequence[str]) -> Layout | None:
    held = {name: sample[name].fillna("").astype(str).tolist() for name in names}
    # the file's own copy of the comments is not a separate column, nor is a column of another file
    other = {name for name in names[1:] if held[name] != held[Col.TEXT] and any(held[name])}
    plain = {name.removeprefix(original("")): held[name] for name in names if name in other}
    texts = Col.TEXT if Col.TEXT not in plain else original(Col.TEXT)
    found = find_layout({texts: held[Col.TEXT], **plain}, [texts])
    if found is None:
        return None
    back = {texts: Col.TEXT}
    return replace(
        found,
        transcript=_back(found.transcript, back),
        dialogue=_back(found.dialogue, back),
        speaker=_back(found.speaker, back),
        agent=_back(found.agent, back),
        time=_back(found.time, back),
    )


def count_talks(table: Table, source: Source) -> int:
    """Return the number of dialogues of a labelled table, without reading them."""
    sql = f"SELECT count(DISTINCT {_KEY}) AS n FROM ({_keyed(source)})"
    return int(table.query(sql, source.files)["n"].iloc[0])


def talks(table: Table, source: Source, *, most: int | None = None) -> list[Talk]:
    """Read the dialogues of a labelled table.

    Args:
        table: The labelled table.
        source: From ``source_of``.
        most: If there are more dialogues, take this many, sampled evenly by ``core.analyse.sample``; None = all.
            Systematic sampling would resonate with anything periodic in the file, such as sources.

    Returns:
        The dialogues in order of their first rows. Rows without text are left out.
    """
    layout = source.layout
    wanted = [layout.transcript, layout.dialogue, layout.speaker, layout.agent, layout.time]
    own = [Col.ROW, Col.ROW_NUMBER, Col.TEXT, Col.TIME, Col.COMMENT_ID]
    names = list(dict.fromkeys([*own, *(name for name in wanted if name is not None)]))
    condition, values = f"{_READABLE} AND {_in_files(source)}", list(source.files)
    if most is not None:
        first = f"SELECT {_KEY}, min({Col.ROW}) AS {Col.ROW} FROM ({_keyed(source)}) GROUP BY 1"
        chosen = f"SELECT {_KEY} FROM ({first}) ORDER BY {PLACE} LIMIT {int(most)}"
        condition += f" AND {Col.ROW} IN (SELECT {Col.ROW} FROM ({_keyed(source)}) WHERE {_KEY} IN ({chosen}))"
        values = list(source.files) * 3
    frame = table.query(f"SELECT {_listed(names)} FROM comments {condition} ORDER BY {Col.ROW}", values)
    return _of_cells(frame, layout) if layout.transcript is not None else _of_turns(frame, layout)


def _keyed(source: Source) -> str:
    """Return SQL for the rows with text and the keys of their dialogues."""
    layout = source.layout
    text = quote(layout.transcript or Col.TEXT)
    key = f"CAST({Col.ROW} AS VARCHAR)"
    if layout.transcript is None:
        key = f"'{_ALONE}'" if layout.dialogue is None else f"coalesce({_bare(quote(layout.dialogue))}, '{_ALONE}')"
    return (
        f"SELECT {Col.ROW}, {key} AS {_KEY} FROM comments {_READABLE} AND {_in_files(source)} AND {_bare(text)} <> ''"
    )


def _bare(column: str) -> str:
    """Return SQL for a column's text without surrounding space; NULL if nothing remains."""
    return f"nullif(trim({column}, ' \t\r\n\u00a0\u3000'), '')"


def _in_files(source: Source) -> str:
    return f"{Col.FILE} IN ({', '.join('?' for _ in source.files)})"


#: Rows that could be read; a turn of only an emoji counts, though nothing in it is scored.
_READABLE: Final = f"WHERE {Col.STATUS} <> '{Status.REJECTED}' AND NOT {Col.REEXPORTED}"


def _back(name: str | None, ours: dict[str, str]) -> str | None:
    return None if name is None else ours.get(name, original(name))


def _listed(names: Iterable[str]) -> str:
    return ", ".join(map(quote, names))


def _column(frame: pd.DataFrame, name: str | None) -> list[str]:
    return [""] * len(frame) if name is None else frame[name].fillna("").astype(str).str.strip().tolist()


def _of_cells(frame: pd.DataFrame, layout: Layout) -> list[Talk]:
    found: list[Talk] = []
    given = _column(frame, layout.dialogue)
    agents = _column(frame, layout.agent)
    rows, numbers = frame[Col.ROW].tolist(), frame[Col.ROW_NUMBER].tolist()
    for i, cell in enumerate(_column(frame, layout.transcript)):
        turns = cut(cell, alone=True)
        if turns:
            name = given[i] or f"第 {numbers[i]} 行"
            found.append(_talk(name, agents[i], turns, (int(rows[i]),) * len(turns)))
    return found


def _of_turns(frame: pd.DataFrame, layout: Layout) -> list[Talk]:
    rows, texts = frame[Col.ROW].tolist(), _column(frame, Col.TEXT)
    agents, times = _column(frame, layout.agent), _times(frame, layout)
    speakers = _column(frame, layout.speaker)
    known = with_roles([Turn(OTHER, *said) for said in zip(speakers, texts, times, strict=True)])
    turns = [replace(turn, speaker=agent or turn.speaker) for turn, agent in zip(known, agents, strict=True)]
    held: dict[str, list[int]] = {}
    for i, name in enumerate(_column(frame, layout.dialogue)):
        if texts[i]:
            held.setdefault(name or _ALONE, []).append(i)
    found = []
    for name, said in held.items():
        places = _once(said, [(speakers[i], texts[i], times[i]) for i in said])
        if all(times[i] is not None for i in places):
            places.sort(key=_Given(times))  # some exports list the newest message first
        # this column may name the customer in the customer's rows
        agent = next((agents[i] for i in places if agents[i] and turns[i].role == AGENT), "")
        found.append(_talk(name, agent, tuple(turns[i] for i in places), tuple(int(rows[i]) for i in places)))
    return found


def _once(places: list[int], said: list[tuple[str, str, datetime | None]]) -> list[int]:
    """Drop the turns that a second export of a dialogue repeats.

    People do repeat themselves within a minute. So most of what was said must occur twice, and all of it if times are
    unknown.
    """
    counts = Counter(said)
    twice = sum(n > 1 for n in counts.values())
    timed = all(when is not None for _, _, when in said)
    if len(counts) < 2 or twice < len(counts) / (2 if timed else 1):
        return places
    first = dict(zip(reversed(said), reversed(places), strict=True))
    return sorted(first.values())


class _Given:
    """Sort key: the time of a message, by its index."""

    def __init__(self, times: Sequence[datetime | None]) -> None:
        self._times = times

    def __call__(self, place: int) -> datetime:
        return self._times[place] or datetime.min


def _times(frame: pd.DataFrame, layout: Layout) -> list[datetime | None]:
    """Return when each message was sent; dates without times are ignored, as they would make every answer instant."""
    clock, given = _column(frame, layout.time), frame[Col.TIME]
    read = [moment.to_pydatetime() if known else None for moment, known in zip(given, given.notna(), strict=True)]
    if any(moment is not None and moment.time() != time() for moment in read):
        return read
    return [moment_of(text) for text in clock]


def _talk(name: str, agent: str, turns: tuple[Turn, ...], rows: tuple[int, ...]) -> Talk:
    serving = next((person_of(turn.speaker) for turn in turns if turn.role == AGENT), "")
    return Talk(name, agent or serving, turns, rows)

"""Find which of the lists of objects within a JSON file hold the comments."""

from __future__ import annotations

import io
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from operator import attrgetter
from pathlib import Path
from typing import Any, Final

import ijson

from core.read.cells import are_runs
from core.read.json_format import is_envelope
from core.read.paths import path_points
from core.read.per_file import per_file
from core.read.transcoder import open_utf8
from core.read.transcript import are_turns
from core.schema import Role

#: Lists whose objects share at least this fraction of their keys hold the same kind of objects.
_LIKE_SHARE: Final = 0.6
#: The column that names the list a row comes from, if there are several.
LIST_COLUMN: Final = "所在列表"
#: Maximum number of text keys recorded per list: objects whose keys are data have unboundedly many.
_MOST_TEXTS: Final = 2_000
#: Maximum number of lists named in a note.
_NAMED: Final = 20
#: Events after which a value is incomplete.
_OPEN: Final = frozenset({"start_map", "start_array", "map_key"})


@dataclass(frozen=True, slots=True)
class Lists:
    """Prefixes of lists, each with its number of objects.

    Attributes:
        chosen: Lists that are read.
        others: Lists that are not.
        groups: Lists that are also read, nested in objects of a chosen list that have no text themselves.
    """

    chosen: dict[str, int]
    others: dict[str, int]
    groups: dict[str, int] = field(default_factory=dict)


@per_file(maxsize=64)
def find_lists(path: Path, encoding: str) -> Lists:
    """Locate the objects: "item" in an array, such as "data.list.item" in a response, "" at the top level.

    Among several lists, choose the one whose objects have the highest-scoring comment key, else the first, and all
    lists like it.
    """
    found = _lists_within(path, encoding)
    top = found.pop("", _List())
    for prefix in [each for each, one in found.items() if _are_within(each, one.keys) and _list_above(each) in found]:
        del found[prefix]
    rows_above = [prefix for prefix, one in found.items() if one.points]
    outer = {each: one for each, one in found.items() if not _is_below(each, rows_above)}  # skip nested replies
    best = max(outer.values(), key=attrgetter("points"), default=_List())
    if not outer or _are_rows(top, best):
        return Lists({"": top.objects}, {})
    chosen = {prefix: one.objects for prefix, one in outer.items() if one.is_like(best)}
    others = {each: one.objects for each, one in outer.items() if each not in chosen and not _is_below(each, chosen)}
    groups = {each: one.objects for each, one in found.items() if _list_above(each) in chosen and one.is_group(best)}
    return Lists(chosen, others, groups)


def items(file: io.BufferedReader, lists: Lists) -> Iterator[object]:
    """Yield the objects of one list, or of several in file order, each then with the name of its list."""
    objects = _chosen(file, lists.chosen)
    if not lists.groups:
        yield from objects
        return
    keys = [(prefix, _group_keys(prefix)) for prefix in lists.groups]
    for value in objects:
        yield value
        for prefix, path in keys:
            for one in _reached(value, path):
                yield _placed(one, _name_of(prefix)) if len(lists.chosen) > 1 else one


def _chosen(file: io.BufferedReader, prefixes: Collection[str]) -> Iterator[object]:
    if len(prefixes) == 1:
        yield from ijson.items(file, *prefixes, multiple_values=True)
        return
    builder, place = None, ""
    for prefix, event, value in ijson.parse(file, multiple_values=True):
        if builder is None:
            if prefix not in prefixes or event == "end_array":
                continue
            builder, place = ijson.ObjectBuilder(), prefix
        builder.event(event, value)
        if prefix == place and event not in _OPEN:
            yield _placed(builder.value, _name_of(place))
            builder = None


def _placed(value: object, name: str) -> object:
    """Return an object with the name of its list under a new key; anything else unchanged."""
    if not isinstance(value, dict):
        return value
    key = LIST_COLUMN
    while key in value:
        key += "_"
    return {**value, key: name}


def _group_keys(prefix: str) -> list[str]:
    """Return the keys that lead from an object of a chosen list to a nested group."""
    return prefix.removeprefix(f"{_list_above(prefix)}.").removesuffix(".item").split(".")


def _reached(value: Any, path: Iterable[str]) -> Iterable[object]:
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, list) else ()


def _name_of(prefix: str) -> str:
    """Return the display name of a list.

    Example:
        >>> _name_of("data.hot.item")
        'data.hot'
    """
    return prefix.removesuffix("item").removesuffix(".").replace(".item.", ".")


def with_sizes(lists: Mapping[str, int]) -> str:
    """List names and object counts for a sentence, truncating long lists."""
    shown = "、".join(f"{_name_of(prefix)[:40]}({objects:,} 条)" for prefix, objects in islice(lists.items(), _NAMED))
    return shown if len(lists) <= _NAMED else f"{shown} 等 {len(lists):,} 个"


@dataclass(slots=True)
class _List:
    """A list of objects within a JSON file.

    Attributes:
        objects: Number of objects.
        keys: Their keys.
        texts: Keys with a text in any object, dotted for nested objects, and whether each scores as a comment name.
        text_key: The highest-scoring of these keys, "" = none.
        points: Its score.
        grouped: Number of objects nested in an object of another list that has no text itself.
    """

    objects: int = 0
    keys: set[str] = field(default_factory=set)
    texts: dict[str, bool] = field(default_factory=dict)
    text_key: str = ""
    points: float = 0.0
    grouped: int = 0

    def add_text(self, key: str) -> None:
        """Record that a key holds a text."""
        points = path_points(Role.TEXT, key)
        self.texts[key] = points > 0
        if points > self.points:
            self.points, self.text_key = points, key

    def is_like(self, other: _List) -> bool:
        """Return whether another list's objects are of the same kind."""
        shared = len(self.keys & other.keys)
        return self.text_key == other.text_key and shared >= _LIKE_SHARE * len(self.keys | other.keys)

    def is_group(self, best: _List) -> bool:
        """Return whether these are comments of the same kind, grouped in objects that are not comments."""
        return self.points > 0 and self.grouped == self.objects and self.text_key == best.text_key


@dataclass(slots=True)
class _Open:
    """An open object of a list: whether it has a text, and the counts of objects in nested lists."""

    prefix: str
    has_text: bool = False
    below: dict[str, int] = field(default_factory=dict)


def _are_within(prefix: str, keys: Collection[str]) -> bool:
    """Return whether objects are parts of one row: turns of one of several dialogues, or runs of one text."""
    return are_turns(keys) or (are_runs(keys) and prefix.endswith((".text.item", ".text_entities.item")))


def _are_rows(top: _List, best: _List) -> bool:
    """Return whether consecutive top-level objects are the rows, not responses that each hold a list of rows."""
    if top.objects < 2 or is_envelope(top.keys):
        return False
    # Only the last key counts: a text in a nested object belongs to the row no less than one in a list.
    return path_points(Role.TEXT, top.text_key.rpartition(".")[2]) >= max(best.points, 1.0)


def _lists_within(path: Path, encoding: str) -> dict[str, _List]:
    """Return the lists of objects by prefix; "" holds the consecutive top-level objects.

    For an array of objects, only the array itself is returned and its objects are not searched.
    """
    found: dict[str, _List] = {}
    inside: list[_Open] = []  # the enclosing objects of lists at the current position
    key = ""
    # A truncated file is reported when its rows are read, because only then is the number of good rows known.
    with open_utf8(path, encoding) as file, suppress(ijson.JSONError, ValueError, OverflowError):
        events: Iterable[tuple[str, str, Any]] = ijson.parse(file, multiple_values=True)
        for prefix, event, value in events:
            if event == "start_map" and (not prefix or f".{prefix}".endswith(".item")):
                found.setdefault(prefix, _List()).objects += 1
                if inside:
                    inside[-1].below[prefix] = inside[-1].below.get(prefix, 0) + 1
                inside.append(_Open(prefix))
                if prefix == "item":
                    break
            elif event == "map_key":
                key = value
                if prefix in found:
                    found[prefix].keys.add(key)
            elif event == "string" and inside and prefix.endswith(key):
                _note_text(found[inside[-1].prefix], inside[-1], prefix)
            elif event == "end_map" and inside and prefix == inside[-1].prefix:
                _close(inside.pop(), found)
    return found


def _note_text(one: _List, within: _Open, prefix: str) -> None:
    name = prefix[len(within.prefix) + 1 if within.prefix else 0 :]
    if name not in one.texts and len(one.texts) < _MOST_TEXTS:
        one.add_text(name)
    within.has_text = within.has_text or one.texts.get(name, False)


def _close(done: _Open, found: dict[str, _List]) -> None:
    if not done.has_text:
        for prefix, objects in done.below.items():
            found[prefix].grouped += objects


def _list_above(prefix: str) -> str:
    """Return the prefix of the objects whose list contains these; "" = none.

    Example:
        >>> _list_above("data.item.turns.item"), _list_above("turns.item")
        ('data.item', '')
    """
    above, within, _ = prefix.removesuffix(".item").rpartition(".item.")
    return f"{above}.item" if within else ""


def _is_below(prefix: str, above: Iterable[str]) -> bool:
    return any(prefix.startswith(f"{each}.") for each in above)

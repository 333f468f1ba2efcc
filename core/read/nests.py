"""Flatten nested JSON objects to columns with dotted names, such as ``mblog.user.screen_name``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

#: Maximum number of keys in a dotted name; anything deeper stays JSON text.
MAX_KEYS: Final = 6
#: Maximum number of columns from nested objects; beyond it, the deepest stay JSON text.
MAX_NESTED: Final = 1_000
#: An object with more distinct keys in a file than this, and this many times those of its largest instance, is a map:
#: from users to votes, from names to pictures. Its keys are data, not columns.
_MAP_KEYS: Final = 20
_MAP_TIMES: Final = 4
#: Maximum number of distinct keys recorded per object.
_MOST_KEYS: Final = 512
#: MongoDB's wrappers for values that have no JSON type.
_EXTENDED: Final = frozenset(
    {"$date", "$oid", "$uuid", "$symbol", "$numberLong", "$numberInt", "$numberDouble", "$numberDecimal"}
)

_MayOpen = Callable[[str, dict[str, Any]], bool]


def value_of(value: Any) -> Any:
    """Unwrap a value of MongoDB's extended JSON; return anything else unchanged.

    Example:
        >>> value_of({"$date": {"$numberLong": "1700000000000"}}), value_of({"$date": 1, "a": 2})
        ('1700000000000', {'$date': 1, 'a': 2})
    """
    while isinstance(value, dict) and len(value) == 1:
        ((key, inner),) = value.items()
        if key not in _EXTENDED:
            return value
        value = inner
    return value


def _always(name: str, child: dict[str, Any]) -> bool:
    del name, child
    return True


def opened(value: Mapping[str, Any], may_open: _MayOpen = _always) -> dict[str, Any]:
    """Flatten an object: keys of nested objects become dotted names.

    A nested object stays one value if its keys are numbers, if a key beside it already looks like one of its dotted
    names, if ``may_open`` says no, or below ``MAX_KEYS``.

    Example:
        >>> opened({"id": 1, "user": {"name": "甲"}})
        {'id': 1, 'user.name': '甲'}
    """
    flat: dict[str, Any] = {}
    _open_into(flat, value, may_open, "", 1)
    return flat


def _open_into(flat: dict[str, Any], value: Mapping[str, Any], may_open: _MayOpen, above: str, level: int) -> None:
    for key, bare in value.items():
        name, child = above + key, value_of(bare) if type(bare) is dict else bare
        if type(child) is dict and level < MAX_KEYS and _is_record(key, child, value) and may_open(name, child):
            _open_into(flat, child, may_open, f"{name}.", level + 1)
        else:
            flat[name] = child


def is_nested(value: Mapping[str, Any]) -> bool:
    """Return whether an object contains another one."""
    return dict in map(type, value.values())


def _is_record(key: str, child: dict[str, Any], beside: Mapping[str, Any]) -> bool:
    """Return whether a nested object's keys can be column names that collide with no other key."""
    if not child or key.isdecimal() or any(map(str.isdecimal, child)):
        return False
    if "." not in "".join(beside):  # faster than checking them one by one
        return True
    return not any(other.startswith(f"{key}.") for other in beside)


class Shape:
    """The column names of a JSON file, collected object by object.

    Args:
        most: Maximum number of names; beyond it, nested objects are no longer flattened, the deepest first.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._levels = MAX_KEYS
        self._names: dict[str, None] = {}
        self._plain: set[str] = set()  # keys of flat objects: most rows add nothing new
        self._hollow: set[str] = set()  # those of them that have only held null
        self._filled: set[str] = set()
        self._dotted: set[str] = set()  # keys that contain a dot themselves
        self._keys: dict[str, set[str]] = {}  # of each object that was flattened
        self._widest: dict[str, int] = {}

    def add(self, value: dict[str, Any]) -> Mapping[str, Any]:
        """Record the keys of an object; return it flattened."""
        if not is_nested(value):
            if not value.keys() <= self._plain:
                self._note(value, value)
                self._plain.update(value)
                self._hollow.update(value.keys() - self._filled)
            if self._hollow and (filled := {key for key in self._hollow if value.get(key) is not None}):
                self._filled |= filled
                self._hollow -= filled
            return value
        flat = opened(value, self._may_open)
        self._note(value, flat)
        return flat

    def __len__(self) -> int:
        return len(self._names)

    def names(self) -> tuple[str, ...]:
        """Return the column names in order of first occurrence."""
        self._narrow()
        return tuple(self._names)

    def example(self) -> str:
        """Return the name of a column from a nested object, "" = there is none."""
        return next((name for name in self.names() if self._is_below(name)), "")

    def _note(self, value: Mapping[str, Any], flat: Mapping[str, Any]) -> None:
        if "." in "".join(value):
            self._dotted.update(key for key in value if "." in key)
        new = flat.keys() - self._filled
        if not new:
            return
        for name, child in flat.items():
            if name in new:
                self._names[name] = None
                if child is not None and child != {}:
                    self._filled.add(name)
        if len(self._names) > self._most:
            self._narrow()

    def _may_open(self, name: str, child: dict[str, Any]) -> bool:
        keys = self._keys.setdefault(name, set())
        if len(keys) <= _MOST_KEYS:
            keys.update(child)
            self._widest[name] = max(self._widest.get(name, 0), len(child))
        return len(keys) <= _MOST_KEYS and name.count(".") < self._levels - 1

    def _narrow(self) -> None:
        """Close objects that are maps, and deep ones while there are too many names."""
        self._fold()
        while self._levels > 1 and (
            len(self._names) > self._most or sum(map(self._is_below, self._names)) > MAX_NESTED
        ):
            self._levels -= 1
            self._fold()

    def _fold(self) -> None:
        """Replace the names below closed objects by those of the objects, and drop objects that were flattened."""
        closed = {name for name in self._keys if self._is_closed(name)}
        names: dict[str, None] = {}
        for name in self._names:
            top = name if name in self._dotted else next((up for up in _above(name) if up in closed), name)
            if top in closed or top in self._filled or top not in self._keys:
                names[top] = None
        self._names = names

    def _is_closed(self, name: str) -> bool:
        keys = len(self._keys[name])
        return keys > min(_MOST_KEYS, max(_MAP_KEYS, _MAP_TIMES * self._widest[name])) or (
            name.count(".") >= self._levels - 1
        )

    def _is_below(self, name: str) -> bool:
        return name not in self._dotted and any(up in self._keys for up in _above(name))


class Opener:
    """Flattens objects according to the column names, and returns the values in column order."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self._names = names
        self._places = {name: place for place, name in enumerate(names)}
        self._paths = {up for name in names for up in _above(name)}

    def values(self, value: dict[str, Any]) -> list[Any]:
        """Return the value of each column, None where there is none."""
        if not is_nested(value):
            return [value.get(name) for name in self._names]
        values: list[Any] = [None] * len(self._names)
        for name, child in opened(value, self._may_open).items():
            place = self._places.get(name)
            if place is not None:
                values[place] = child
        return values

    def _may_open(self, name: str, child: dict[str, Any]) -> bool:
        if name not in self._paths:
            return False
        # If a column has this very name, other rows hold a plain value there, or the file has keys with dots:
        # then flatten only if every key has a column.
        return name not in self._places or all(self._knows(f"{name}.{key}") for key in child)

    def _knows(self, name: str) -> bool:
        return name in self._places or name in self._paths


def _above(name: str) -> list[str]:
    """Return the names of the objects enclosing a dotted name, outermost first.

    Example:
        >>> _above("mblog.user.name")
        ['mblog', 'mblog.user']
    """
    ends = [place for place, letter in enumerate(name) if letter == "."]
    return [name[:end] for end in ends]

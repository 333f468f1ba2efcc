"""Parse the time formats of any export into naive times in one zone; docs/cleaning.md lists them with examples."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from core.clean.spoken_dates import read_spoken, tidy
from core.settings import zone_of

__all__ = ["EARLIEST_YEAR", "LATEST_DAYS_AHEAD", "is_doubtful", "parse_times"]

#: Longer cells are not times, even with everything that apps write around one.
_LONGEST_CHARS: Final = 300
#: Times before this year or further in the future are typing errors or disguised missing values: NaT.
EARLIEST_YEAR: Final = 1990
LATEST_DAYS_AHEAD: Final = 2

Times = NDArray[np.datetime64]

_NAT: Final = np.datetime64("NaT", "us")
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
# RE2 syntax; every part after the date is optional: 2024年1月2日 星期二 下午3点05分 +0800
_REST: Final = (
    r"(?:$|[日号]$|(?:[日号T\s,，]*[(（]?(?:星期|周)[一二三四五六日天][)）]?\s*|[日号T\s,，]+|[-_])"
    r"(?P<noon>上午|下午|中午|晚上|晚|凌晨|早上|早|傍晚|[AaPp][Mm])?\s*"
    r"(?:(?P<hour>\d{1,2})(?:[:：时点]\s*(?:(?P<minute>\d{1,2})分?|(?P<half>半))?"
    r"(?:[:：]?(?P<second>\d{1,2})秒?(?:[.,](?P<fraction>\d{1,9}))?)?)?)?"
    r"\s*(?P<noon_after>[AaPp][Mm])?\s*"
    r"(?P<zone>Z|z|(?:UTC|GMT)?(?P<zone_sign>[+-])(?P<zone_hour>\d{2}):?(?P<zone_minute>\d{2})?(?:\s[A-Z]{3,4})?"
    r"|UTC|GMT)?$)"
)
_YEAR_FIRST: Final = r"^(?P<year>\d{4})\s*[-/.年]\s*(?P<month>\d{1,2})\s*[-/.月]\s*(?P<day>\d{1,2})" + _REST
_SHORT_YEAR: Final = r"^(?P<year>\d{2})\s*[-/.年]\s*(?P<month>\d{1,2})\s*[-/.月]\s*(?P<day>\d{1,2})" + _REST
_COMPACT: Final = (
    r"^(?P<year>(?:19|20)\d{2})(?P<month>0[1-9]|1[0-2])(?P<day>0[1-9]|[12]\d|3[01])"
    r"(?:[T\s_-]?(?P<hour>[01]\d|2[0-3]):?(?P<minute>[0-5]\d)(?::?(?P<second>[0-5]\d))?(?P<zone>Z)?)?$"
)
_YEAR_LAST: Final = r"^(?P<first>\d{1,2})\s*[-/.]\s*(?P<second_field>\d{1,2})\s*[-/.]\s*(?P<year>\d{4})" + _REST
_NO_YEAR: Final = r"^(?P<month>\d{1,2})\s*[-/月]\s*(?P<day>\d{1,2})" + _REST
# Saturday, March 1st, 2025 and Sat, 01 Mar 2025, the latter also with hyphens
_WEEKDAY_NAME: Final = r"^(?:(?i:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6}\.?,?\s+)?"
_MONTH_NAME: Final = rf"(?P<month_name>(?i:{'|'.join(_MONTHS)}))[a-z]{{0,6}}\.?"
_DAY_OF_MONTH: Final = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_MONTH_FIRST: Final = _WEEKDAY_NAME + _MONTH_NAME + r"\s+" + _DAY_OF_MONTH + r"(?:,\s*|\s+)(?P<year>\d{4})" + _REST
_DAY_FIRST: Final = _WEEKDAY_NAME + _DAY_OF_MONTH + r"[\s-]+" + _MONTH_NAME + r"[\s,-]+(?P<year>\d{4})" + _REST
_WEIBO: Final = (
    r"^(?:[A-Z][a-z]{2})\s+(?P<month_name>[A-Z][a-z]{2})\s+(?P<day>\d{1,2})\s+(?P<hour>\d{2}):(?P<minute>\d{2})"
    r":(?P<second>\d{2})\s+(?P<zone>(?P<zone_sign>[+-])(?P<zone_hour>\d{2})(?P<zone_minute>\d{2}))\s+(?P<year>\d{4})$"
)
#: Fewer decimals, as in the 1.70414E+12 to which a spreadsheet program rounds milliseconds, would lose hours.
_NUMBER: Final = r"^\d{5,19}(?:\.\d{0,12})?$|^\d\.\d{8,18}[eE]\+?(?:0?9|1[0-8])$"
#: Upper bound of each kind of number, and its unit in microseconds.
_EPOCHS: Final = ((1e11, 1_000_000), (1e14, 1_000), (1e17, 1), (1e20, 0.001))
_SERIAL_LIMIT: Final = 100_000.0  # 2173 in Excel; as epoch seconds it would be 1970
#: The day of serial number 0 in Excel's two date systems.
_ZERO_1900: Final = np.datetime64("1899-12-30", "us")
_ZERO_1904: Final = np.datetime64("1904-01-01", "us")
_LEAP_YEARS_BACK: Final = 8


def parse_times(
    values: pd.Series[str],
    reference: datetime,
    timezone: str,
    *,
    latest: datetime | None = None,
    from_1904: bool = False,
) -> pd.Series[pd.Timestamp]:
    """Parse times in mixed formats.

    Args:
        values: n cells as text.
        reference: When the export was made, naive, in ``timezone``: 刚刚 and 昨天 are relative to it, and 1月2日 is the
            latest one not after it.
        timezone: IANA name of the zone of the result and of times without an offset.
        latest: Upper bound for absolute times, naive, in ``timezone``: when the file is read, because a file's own
            timestamp may be older than its contents. None means ``reference``.
        from_1904: Whether serial days use Excel's 1904 date system.

    Returns:
        (n,) datetime64[us] with the same index, naive, in ``timezone``. NaT where a cell is empty, cannot be parsed,
        lies before 1990 or more than two days after ``latest``, could be either day-first or month-first with no row
        of ``values`` deciding, or is relative to a ``reference`` that ``is_doubtful``.

    Raises:
        InputError: C02 no such time zone.

    Source: docs/cleaning.md, "Times"; ISO 8601; ECMA-376 18.17.4.1 (serial dates).

    Example:
        >>> cells = pd.Series(["2024/1/2 3:04", "1月2日", "3分钟前", "1704135840", "?"])
        >>> parse_times(cells, datetime(2024, 3, 5, 10, 0), "Asia/Shanghai").astype(str).fillna("NaT").tolist()
        ['2024-01-02 03:04:00', '2024-01-02 00:00:00', '2024-03-05 09:57:00', '2024-01-02 03:04:00', 'NaT']
    """
    day_zero = _ZERO_1904 if from_1904 else _ZERO_1900
    export = _Export(reference, max(reference, latest or reference), zone_of(timezone), day_zero)
    cells = pc.utf8_trim_whitespace(_as_arrow(values))
    times, counted = _read_written(cells, export)
    missing = np.flatnonzero(np.isnat(times) & pc.greater(pc.utf8_length(cells), 0).to_numpy(zero_copy_only=False))
    if len(missing):
        times[missing], counted[missing] = _read_rest(cells.take(pa.array(missing)), export)
    times[times < np.datetime64(f"{EARLIEST_YEAR}-01-01", "us")] = _NAT
    times[times > np.where(counted, _bound(reference), _bound(export.latest))] = _NAT
    written = times[~counted & ~np.isnat(times)]
    if is_doubtful(reference, latest, written.max().item() if len(written) else None):
        times[counted] = _NAT
    return pd.Series(times, index=values.index, dtype="datetime64[us]")


def is_doubtful(reference: datetime, latest: datetime | None, newest: datetime | None) -> bool:
    """Return whether a file's modification time cannot be its export time, so that no relative time may use it.

    Args:
        reference: The modification time.
        latest: When the file was read; None = unknown.
        newest: The latest absolute time in the file; None = no time.

    Example:
        >>> is_doubtful(datetime(1980, 1, 1), None, None)
        True
        >>> is_doubtful(datetime(2024, 3, 5), None, datetime(2024, 3, 6)), is_doubtful(
        ...     datetime(2024, 3, 5), None, datetime(2024, 3, 9)
        ... )
        (False, True)
    """
    ahead = timedelta(days=LATEST_DAYS_AHEAD)
    if reference.year < EARLIEST_YEAR or (latest is not None and reference > latest + ahead):
        return True
    return newest is not None and newest > reference + ahead


@dataclass(frozen=True, slots=True)
class _Export:
    """How to interpret the times of a file; see ``parse_times``."""

    reference: datetime
    latest: datetime
    zone: ZoneInfo
    day_zero: np.datetime64


def _bound(moment: datetime) -> np.datetime64:
    return np.datetime64(moment, "us") + np.timedelta64(LATEST_DAYS_AHEAD, "D")


def _as_arrow(values: pd.Series[str]) -> Any:
    try:
        return pa.array(values, type=pa.string(), from_pandas=True).fill_null("")
    except UnicodeEncodeError:  # lone surrogates cannot be encoded as UTF-8
        return pa.array([cell.encode("utf-8", "replace").decode() for cell in values], type=pa.string())


def _read_written(cells: Any, export: _Export) -> tuple[Times, NDArray[np.bool_]]:
    """Parse the formats that a single pattern describes, each over the rows no earlier pattern matched.

    Returns:
        (n,) the times, and which of them are relative to the reference.
    """
    times = np.full(len(cells), _NAT, dtype="datetime64[us]")
    counted = np.zeros(len(cells), dtype=np.bool_)
    open_rows = np.arange(len(cells))
    for pattern, read in (
        (_YEAR_FIRST, _read_date),
        (_COMPACT, _read_date),
        (_NUMBER, None),
        (_NO_YEAR, _read_latest),
        (_WEIBO, _read_date),
        (_MONTH_FIRST, _read_date),
        (_DAY_FIRST, _read_date),
        (_YEAR_LAST, _read_year_last),
        (_SHORT_YEAR, _read_short_year),
    ):
        if not len(open_rows):
            break
        rest = cells if len(open_rows) == len(cells) else cells.take(pa.array(open_rows))
        fits = pc.match_substring_regex(rest, pattern).to_numpy(zero_copy_only=False)
        rows = open_rows[fits]
        if len(rows):
            found = rest if len(rows) == len(rest) else rest.filter(pa.array(fits))
            if read is None:
                times[rows] = _read_numbers(found, export)
            else:
                times[rows] = read(_Fields(found, pattern), export)
            counted[rows] = pattern is _NO_YEAR
        open_rows = open_rows[~fits]
    return times, counted


def _read_rest(cells: Any, export: _Export) -> tuple[Times, NDArray[np.bool_]]:
    """Parse relative times and absolute ones surrounded by words, each distinct cell once; see ``_read_written``."""
    distinct = cells.dictionary_encode()
    # Skip long text cells in a time column: searching a long run of spaces takes quadratic time.
    words = [word if len(word) <= _LONGEST_CHARS else "" for word in distinct.dictionary.to_pylist()]
    spoken = [read_spoken(word, export.reference) for word in words]
    times = np.array([_NAT if time is None else np.datetime64(time, "us") for time in spoken], dtype="datetime64[us]")
    counted = ~np.isnat(times)
    tidied = [(position, tidy(word)) for position, word in enumerate(words) if spoken[position] is None]
    again = [(position, word) for position, word in tidied if word != words[position]]
    if again:
        positions = [position for position, _ in again]
        written = pa.array([word for _, word in again], type=pa.string())
        times[positions], counted[positions] = _read_written(written, export)
        for position, word in again:
            if np.isnat(times[position]) and (time := read_spoken(word, export.reference)) is not None:
                times[position], counted[position] = np.datetime64(time, "us"), True
    indices = distinct.indices.to_numpy()
    return times[indices], counted[indices]


class _Fields:
    """The named groups of one pattern over n cells, as integer arrays of shape (n,)."""

    def __init__(self, cells: Any, pattern: str) -> None:
        self._struct = pc.extract_regex(cells, pattern)
        self._names = {field.name for field in self._struct.type}
        self.count = len(cells)

    def text(self, name: str) -> Any:
        if name not in self._names:
            return pa.array([""] * self.count, type=pa.string())
        return self._struct.field(name)

    def number(self, name: str, default: int = 0) -> NDArray[np.int64]:
        if name not in self._names:
            return np.full(self.count, default, dtype=np.int64)
        column = self._struct.field(name)
        filled = pc.if_else(pc.equal(column, ""), str(default), column)
        numbers: NDArray[np.int64] = filled.cast(pa.int64()).to_numpy(zero_copy_only=False)
        return numbers

    def is_one_of(self, name: str, words: tuple[str, ...]) -> NDArray[np.bool_]:
        if name not in self._names:
            return np.zeros(self.count, dtype=np.bool_)
        lowered = pc.utf8_lower(self._struct.field(name))
        hits: NDArray[np.bool_] = pc.is_in(lowered, value_set=pa.array(words)).to_numpy(zero_copy_only=False)
        return hits


def _read_date(fields: _Fields, export: _Export) -> Times:
    month = fields.number("month")
    named = fields.text("month_name")
    if pc.any(pc.not_equal(named, "")).as_py():
        found = pc.fill_null(pc.index_in(pc.utf8_lower(named), value_set=pa.array(_MONTHS)), -1)
        month = found.to_numpy(zero_copy_only=False).astype(np.int64) + 1
    return _assemble(fields.number("year"), month, fields.number("day"), fields, export.zone)


def _read_latest(fields: _Fields, export: _Export) -> Times:
    """Resolve a date without a year to the latest one not after the reference; 29 February may be years earlier."""
    month, day = fields.number("month"), fields.number("day")
    times = np.full(fields.count, _NAT, dtype="datetime64[us]")
    tomorrow = np.datetime64(export.reference, "D") + np.timedelta64(1, "D")
    for years_back in range(_LEAP_YEARS_BACK + 1):
        guess = _assemble(np.full(fields.count, export.reference.year - years_back), month, day, fields, export.zone)
        take = np.isnat(times) & (guess < tomorrow)
        times[take] = guess[take]
        if not np.isnat(times).any():
            break
    return times


def _read_year_last(fields: _Fields, export: _Export) -> Times:
    """Resolve day-first or month-first: one value above 12 in either position decides for all, if none conflicts."""
    first, second, year = fields.number("first"), fields.number("second_field"), fields.number("year")
    day_first = _assemble(year, second, first, fields, export.zone)
    month_first = _assemble(year, first, second, fields, export.zone)
    proves_day, proves_month = bool((first > 12).any()), bool((second > 12).any())
    if proves_day != proves_month:
        return day_first if proves_day else month_first
    times = np.where(first > 12, day_first, month_first)
    times[(first <= 12) & (second <= 12) & (first != second)] = _NAT
    return times


def _read_short_year(fields: _Fields, export: _Export) -> Times:
    """Parse 24/1/2, only if every such row starts with one of the ten years up to the latest, and none is below 13."""
    year = fields.number("year")
    last = export.latest.year % 100
    if not ((year >= max(13, last - 10)) & (year <= last)).all():
        return np.full(fields.count, _NAT, dtype="datetime64[us]")
    century = export.latest.year - last
    return _assemble(year + century, fields.number("month"), fields.number("day"), fields, export.zone)


def _assemble(
    year: NDArray[np.int64], month: NDArray[np.int64], day: NDArray[np.int64], fields: _Fields, zone: ZoneInfo
) -> Times:
    months = (year - 1970).astype("datetime64[Y]").astype("datetime64[M]") + (month - 1)
    days = months.astype("datetime64[D]") + (day - 1)
    valid = (year >= 1) & (month >= 1) & (month <= 12) & (day >= 1) & (days.astype("datetime64[M]") == months)
    micros, clock_valid = _clock(fields)
    times: Times = np.add(days.astype("datetime64[us]"), micros)
    times[~(valid & clock_valid)] = _NAT
    zoned = pc.not_equal(fields.text("zone"), "").to_numpy(zero_copy_only=False)
    if zoned.any():
        minutes = fields.number("zone_hour") * 60 + fields.number("zone_minute")
        minutes = np.where(fields.is_one_of("zone_sign", ("-",)), -minutes, minutes)
        times[np.abs(minutes) > 14 * 60] = _NAT
        times[zoned] = _from_utc((times - minutes.astype("timedelta64[m]"))[zoned], zone)
    return times


def _clock(fields: _Fields) -> tuple[NDArray[np.timedelta64], NDArray[np.bool_]]:
    hour, minute, second = fields.number("hour"), fields.number("minute"), fields.number("second")
    minute = np.where(fields.is_one_of("half", ("半",)), 30, minute)
    morning = fields.is_one_of("noon", ("上午", "凌晨", "早上", "早", "am")) | fields.is_one_of("noon_after", ("am",))
    evening = fields.is_one_of("noon", ("晚上", "晚"))
    after = fields.is_one_of("noon", ("下午", "傍晚", "pm")) | fields.is_one_of("noon_after", ("pm",)) | evening
    midday = fields.is_one_of("noon", ("中午",))
    late = evening & (hour == 12)  # 晚上12点 is the end of the day
    hour = np.where((after & (hour < 12)) | (midday & (hour < 6)), hour + 12, hour)
    hour = np.where(morning & (hour == 12), 0, np.where(late, 24, hour))
    valid = (hour < 24) | ((hour == 24) & (minute == 0) & (second == 0)) | late
    valid &= (minute < 60) & (second < 60)
    digits = pc.utf8_slice_codeunits(pc.utf8_rpad(fields.text("fraction"), 6, "0"), 0, 6)
    fraction = digits.cast(pa.int64()).to_numpy(zero_copy_only=False)
    micros = ((hour * 60 + minute) * 60 + second) * 1_000_000 + fraction
    return micros.astype("timedelta64[us]"), valid


def _read_numbers(cells: Any, export: _Export) -> Times:
    """Parse Excel serial days, or seconds, milliseconds, microseconds or nanoseconds since 1970 UTC, by magnitude."""
    numbers: NDArray[np.float64] = cells.cast(pa.float64()).to_numpy(zero_copy_only=False)
    serial = numbers < _SERIAL_LIMIT
    times = np.full(len(numbers), _NAT, dtype="datetime64[us]")
    seconds = np.rint(numbers[serial] * 86_400)  # a serial is precise to about a millisecond
    times[serial] = export.day_zero + (seconds * 1_000_000).astype("int64").astype("timedelta64[us]")
    floor = _SERIAL_LIMIT
    for limit, unit in _EPOCHS:
        rows = (numbers >= floor) & (numbers < limit)
        if rows.any():
            micros = np.rint(numbers[rows] * unit).astype("int64")
            times[rows] = _from_utc(micros.astype("datetime64[us]"), export.zone)
        floor = limit
    return times


def _from_utc(times: Times, zone: ZoneInfo) -> Times:
    local: Times = pd.DatetimeIndex(times).tz_localize("UTC").tz_convert(zone).tz_localize(None).to_numpy()
    return local.astype("datetime64[us]")

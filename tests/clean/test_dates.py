from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from core.clean import parse_times
from core.errors import InputError

SHANGHAI = "Asia/Shanghai"
REFERENCE = datetime(2024, 3, 5, 10, 0)
moments = st.datetimes(datetime(1990, 1, 1), REFERENCE).map(lambda moment: moment.replace(microsecond=0))
anything = st.text(alphabet=st.characters(), max_size=20)
minutes = moments.map(lambda moment: moment.replace(second=0))


def parse(*cells: str, zone: str = SHANGHAI) -> list[datetime | None]:
    times = parse_times(pd.Series(cells, dtype="str"), REFERENCE, zone)
    return [None if time is pd.NaT else time.to_pydatetime() for time in times]


def chinese(moment: datetime) -> str:
    noon, hour = ("上午" if moment.hour < 12 else "下午"), (moment.hour + 11) % 12 + 1
    return f"{moment.year}年{moment.month}月{moment.day}日 {noon}{hour}点{moment.minute}分"


@pytest.mark.parametrize(
    "form",
    [
        "%Y-%m-%d %H:%M:%S",
        "%Y/%m/%d %H:%M:%S",
        "%Y.%m.%d %H:%M:%S",
        "%Y年%m月%d日 %H时%M分%S秒",
        "%Y年%m月%d日%H:%M:%S",
        "%Y-%m-%dT%H:%M:%S",
        "%Y-%m-%d %H:%M:%S.123",
        "%Y%m%d%H%M%S",
        "%Y-%m-%d %I:%M:%S %p",
        "编辑于 %Y-%m-%d %H:%M:%S",
    ],
)
@settings(max_examples=40)
@given(moment=moments)
def test_a_written_time_is_read_back(form: str, moment: datetime) -> None:
    (read,) = parse(moment.strftime(form))
    assert read is not None
    assert read.replace(microsecond=0) == moment


@given(minutes)
def test_a_chinese_twelve_hour_time_is_read_back(moment: datetime) -> None:
    assert parse(chinese(moment)) == [moment]


@given(minutes)
def test_unpadded_numbers_are_read_back(moment: datetime) -> None:
    text = f"{moment.year}/{moment.month}/{moment.day} {moment.hour}:{moment.minute:02}"
    assert parse(text) == [moment]


@given(moments, st.sampled_from([1, 1_000, 1_000_000, 1_000_000_000]))
def test_an_epoch_of_any_unit_is_read_back(moment: datetime, unit: int) -> None:
    # China's summer time of 1990 and 1991 repeats an hour; fold=0 names the first
    seconds = int(moment.replace(tzinfo=ZoneInfo(SHANGHAI)).timestamp())
    back = datetime.fromtimestamp(seconds, ZoneInfo(SHANGHAI)).replace(tzinfo=None)
    assert parse(str(seconds * unit)) == [back]


@given(moments)
def test_an_excel_serial_is_read_back(moment: datetime) -> None:
    serial = (moment - datetime(1899, 12, 30)) / timedelta(days=1)
    assert parse(repr(serial)) == [moment]


def test_a_serial_of_the_1904_system_counts_from_1904() -> None:
    cells = pd.Series(["43890.5", "20240301", "1709254800"], dtype="str")
    read = parse_times(cells, REFERENCE, SHANGHAI, from_1904=True)
    assert read.astype(str).tolist() == ["2024-03-01 12:00:00", "2024-03-01 00:00:00", "2024-03-01 09:00:00"]


@given(moments, st.integers(-11, 13))
def test_an_offset_is_converted_to_the_zone(moment: datetime, hours: int) -> None:
    text = f"{(moment + timedelta(hours=hours)).isoformat()}{'-' if hours < 0 else '+'}{abs(hours):02}:00"
    assert parse(text, zone="UTC") == [moment] or moment < datetime(1990, 1, 2)


@given(moments)
@example(datetime(2020, 2, 29, 1, 2))
def test_a_date_without_year_is_the_latest_not_after_the_reference(moment: datetime) -> None:
    (read,) = parse(moment.strftime("%m月%d日"))
    assert read is not None
    assert (read.month, read.day) == (moment.month, moment.day)
    assert moment.date() <= read.date() <= REFERENCE.date()
    assert (moment.month, moment.day) == (2, 29) or read > REFERENCE - timedelta(days=367)


@given(st.integers(0, 59))
def test_minutes_ago_count_from_the_reference(count: int) -> None:
    assert parse(f"{count}分钟前") == [REFERENCE - timedelta(minutes=count)]


@settings(max_examples=200)
@given(st.lists(anything | st.text("0123456789-/:. 年月日天前昨上周T+Ze", max_size=20), max_size=8))
def test_any_cells_give_a_time_in_range_or_none_and_never_an_error(cells: list[str]) -> None:
    times = parse_times(pd.Series(cells, dtype=object), REFERENCE, SHANGHAI)
    assert times.dtype == "datetime64[us]"
    assert len(times) == len(cells)
    assert times.dropna().between(pd.Timestamp(1990, 1, 1), pd.Timestamp(REFERENCE) + timedelta(days=2)).all()


@given(st.lists(moments, min_size=1, max_size=30))
def test_mixed_forms_in_one_column_keep_their_places(column: list[datetime]) -> None:
    forms = ("%Y-%m-%d %H:%M:%S", "%Y年%m月%d日 %H:%M:%S", "%Y%m%d%H%M%S", "发布于 %Y/%m/%d %H:%M:%S")
    cells = [moment.strftime(forms[position % 4]) for position, moment in enumerate(column)]
    assert parse(*cells) == column


def test_day_first_is_read_once_a_row_proves_it() -> None:
    assert parse("1/2/2024", "13/2/2024") == [datetime(2024, 2, 1), datetime(2024, 2, 13)]


def test_month_first_is_read_once_a_row_proves_it() -> None:
    assert parse("1/2/2024", "2/13/2024") == [datetime(2024, 1, 2), datetime(2024, 2, 13)]


def test_contradicting_proofs_leave_doubtful_rows_undated() -> None:
    assert parse("1/2/2024", "2/13/2024", "13/2/2024") == [None, datetime(2024, 2, 13), datetime(2024, 2, 13)]


LATER = datetime(2026, 11, 27)


@pytest.mark.parametrize("reference", [datetime(1980, 1, 1), datetime(2000, 1, 1), REFERENCE])
def test_a_written_time_may_be_later_than_the_files_time_of_change(reference: datetime) -> None:
    cells = pd.Series(["2026-11-26", "1795000000", "发布于 2026-11-25", "26/11/24"], dtype="str")
    times = parse_times(cells, reference, SHANGHAI, latest=LATER)
    assert [str(time)[:10] for time in times] == ["2026-11-26", "2026-11-18", "2026-11-25", "2026-11-24"]


def test_a_time_after_the_file_is_read_stays_undated() -> None:
    times = parse_times(pd.Series(["2026-11-29", "2026-11-30"]), REFERENCE, SHANGHAI, latest=LATER)
    assert times.isna().tolist() == [False, True]


@pytest.mark.parametrize(
    ("reference", "written"), [(datetime(1980, 1, 1), "?"), (datetime(2027, 1, 1), "?"), (REFERENCE, "2024-03-08")]
)
def test_nothing_is_counted_from_a_time_of_change_that_cannot_be_the_exports(reference: datetime, written: str) -> None:
    cells = pd.Series(["昨天", "1月2日", "发布于 3分钟前", "2024-03-01", written], dtype="str")
    times = parse_times(cells, reference, SHANGHAI, latest=LATER)
    assert times.isna().tolist() == [True, True, True, False, written == "?"]


def test_two_digit_years_need_every_row_to_fit() -> None:
    assert parse("24/1/2", "23/12/31") == [datetime(2024, 1, 2), datetime(2023, 12, 31)]
    assert parse("24/1/2", "12/31/23") == [None, None]


@pytest.mark.parametrize(
    "cell", ["", "  ", "nan", "None", "0", "1", "99999999999999999999", "2024-13-01", "2024-01-02 25:00", "24:61"]
)
def test_what_is_no_time_stays_undated(cell: str) -> None:
    assert parse(cell) == [None]


@pytest.mark.timeout(20)
@pytest.mark.parametrize("before", ["昨日", "星期三", "1", "x"])
def test_a_long_cell_of_spaces_is_no_time_and_takes_linear_time(before: str) -> None:
    assert parse(before + " " * 500_000 + "x") == [None]


def test_no_rows_give_no_rows() -> None:
    times = parse_times(pd.Series([], dtype="str"), REFERENCE, SHANGHAI)
    assert (len(times), times.dtype) == (0, np.dtype("datetime64[us]"))


def test_the_index_is_kept() -> None:
    cells = pd.Series(["2024-01-02", "?"], index=[5, 3], dtype="str")
    assert parse_times(cells, REFERENCE, SHANGHAI).index.tolist() == [5, 3]


@pytest.mark.parametrize("zone", ["Asia/Nowhere", "", "../etc/passwd", "北京"])
def test_an_unknown_zone_is_refused(zone: str) -> None:
    with pytest.raises(InputError) as caught:
        parse("2024-01-02", zone=zone)
    assert caught.value.code == "C02"

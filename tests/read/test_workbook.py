"""Workbooks: sheets, titles, merged and hidden parts, types, and files made to do harm."""

import contextlib
import datetime as dt
import zipfile
from pathlib import Path

import pytest

from core.errors import ReadError
from core.read import count, inspect, preview, read
from core.schema import ReadOptions


def rezipped(path, changes):
    """Write the workbook again with some members replaced."""
    with zipfile.ZipFile(path) as archive:
        members = {info.filename: archive.read(info) for info in archive.infolist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in (members | changes).items():
            archive.writestr(name, content)
    return path


def sheet_xml(rows):
    return (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        f"<sheetData>{rows}</sheetData></worksheet>"
    ).encode()


def test_values_come_as_people_see_them(write_xlsx, only, cells):
    when = dt.datetime(2024, 1, 2, 3, 4)
    path = write_xlsx({"评论": [["评论内容", "评分", "时间", "比", "真"], ["很好", 5.0, when, 0.1, True]]})
    assert cells(only(path)) == [["很好", "5", "2024-01-02 03:04:00", "0.1", "TRUE"]]


@pytest.mark.parametrize("said", ['date1904="1"', "date1904='true'", 'date1904="0"', ""])
def test_a_workbook_that_counts_from_1904_is_known(write_xlsx, only, said):
    path = write_xlsx({"评论": [["评论内容", "时间"], ["很好", 43890], ["差", 43891]]})
    with zipfile.ZipFile(path) as archive:
        book = archive.read("xl/workbook.xml").replace(b"<workbookPr ", f"<workbookPr {said} ".encode())
    assert only(rezipped(path, {"xl/workbook.xml": book})).from_1904 == (said[10:-1] in ("1", "true"))


def test_title_rows_above_the_header_are_passed_over_and_noted(write_xlsx, only, cells):
    rows = [
        ["八月舆情汇总"],
        [],
        ["制表:小王", "", "2024-09-01"],
        ["评论内容", "时间", "平台"],
        ["很好", "2024-08-01", "微博"],
    ]
    source = only(write_xlsx({"表": rows}))
    assert source.header_row == 4
    assert cells(source) == [["很好", "2024-08-01", "微博"]]
    assert any("第 4 行" in note for note in source.notes)


def test_row_numbers_are_those_of_the_sheet(write_xlsx, only):
    (chunk,) = read(
        only(write_xlsx({"表": [["标题"], [], ["评论", "时间"], ["好", "1"], [], ["差", "2"]]})), chunk_rows=9
    )
    assert chunk.row_numbers.tolist() == [4, 5, 6]


def test_a_table_that_starts_right_of_and_below_the_corner_is_read(write_xlsx, only, cells):
    source = only(write_xlsx({"表": [[], [], ["", "", "评论", "评分"], ["", "", "好", 5]]}))
    assert source.columns == ("评论", "评分")
    assert cells(source) == [["好", "5"]]


def test_blank_rows_inside_count_and_those_at_the_end_do_not(write_xlsx, only):
    path = write_xlsx({"表": [["评论", "分"], ["好", 1], [], ["差", 2], ["  ", ""], ["", " "]]})
    assert count(only(path)) == 3


def test_only_sheets_with_comments_are_read_and_the_others_are_named(write_xlsx):
    sheets = {
        "说明": [["指标", "数值"], ["总数", 2]],
        "一月": [["评论内容", "时间"], ["很好", "2024-01-01"]],
        "二月": [["评论内容", "时间"], ["很差", "2024-02-01"]],
    }
    tables = inspect([write_xlsx(sheets)])
    assert [table.sheet for table in tables] == ["一月", "二月"]
    assert [table.name for table in tables] == ["表.xlsx · 一月", "表.xlsx · 二月"]
    assert any("说明" in note for note in tables[0].notes)


def test_a_person_chooses_the_sheets(write_xlsx):
    path = write_xlsx({"一": [["评论"], ["好的"]], "二": [["评论"], ["差的"]]})
    assert [table.sheet for table in inspect([path], ReadOptions(sheets=("二",)))] == ["二"]


def test_a_sheet_that_is_not_there_is_refused_with_those_that_are(write_xlsx):
    with pytest.raises(ReadError, match=r"\[R10\].*它有:一。"):
        inspect([write_xlsx({"一": [["评论"], ["好的"]]})], ReadOptions(sheets=("三",)))


def test_hidden_sheets_are_left_out_and_named(write_xlsx):
    path = write_xlsx(
        {"显": [["评论"], ["好的"]], "隐": [["评论"], ["差的"]]}, lambda book: book.get_worksheet_by_name("隐").hide()
    )
    (table,) = inspect([path])
    assert table.sheet == "显"
    assert any("隐" in note and "隐藏" in note for note in table.notes)


def test_hidden_columns_are_read_and_noted(write_xlsx, only, cells):
    path = write_xlsx(
        {"表": [["评论", "手机", "分"], ["好", "x", 5]]},
        lambda book: book.get_worksheet_by_name("表").set_column("B:B", None, None, {"hidden": True}),
    )
    source = only(path)
    assert cells(source) == [["好", "x", "5"]]
    assert any("隐藏的列(B)" in note for note in source.notes)


def test_rows_that_a_filter_hides_are_read_and_noted(write_xlsx, only, cells):
    def hide(book):
        for row in (1, 3):
            book.get_worksheet_by_name("表").set_row(row, None, None, {"hidden": True})

    source = only(write_xlsx({"表": [["评论", "分"], ["好", 5], ["差", 1], ["中", 3]]}, hide))
    assert cells(source) == [["好", "5"], ["差", "1"], ["中", "3"]]
    assert any("有 2 行被隐藏或筛选掉了" in note for note in source.notes)


def test_cells_merged_over_rows_repeat_their_value(write_xlsx, only, cells):
    path = write_xlsx(
        {"表": [["商品", "评论"], ["", "好"], ["", "差"], ["乙", "中"]]},
        lambda book: book.get_worksheet_by_name("表").merge_range("A2:A3", "甲"),
    )
    source = only(path)
    assert cells(source) == [["甲", "好"], ["甲", "差"], ["乙", "中"]]
    assert any("合并单元格" in note for note in source.notes)


def test_ids_that_excel_cut_to_15_digits_are_noted(write_xlsx, only, cells):
    source = only(write_xlsx({"表": [["id", "评论"], [1234567890123456789, "好的"]]}))
    assert cells(source)[0][0].startswith("123456789012345")
    assert any("15 位" in note for note in source.notes)


def test_ids_written_as_text_stay_whole(write_xlsx, only, cells):
    assert (
        cells(only(write_xlsx({"表": [["id", "评论"], ["1234567890123456789", "好的"]]})))[0][0]
        == "1234567890123456789"
    )


def test_formulas_are_never_evaluated_and_give_their_stored_value(write_xlsx, only, cells):
    path = write_xlsx(
        {"表": [["评论", "分"], ["好的", 1]]},
        lambda book: book.get_worksheet_by_name("表").write_formula("B2", "=1+1", None, 42),
    )
    assert cells(only(path)) == [["好的", "42"]]


def test_empty_and_repeated_header_names_are_made_unique(write_xlsx, only):
    source = only(write_xlsx({"表": [["评论", "", "评论", "时间"], ["好", "x", "y", "2024-01-01"]]}))
    assert source.columns == ("评论", "列2", "评论_2", "时间")


def test_a_workbook_with_nothing_in_it_is_refused(write_xlsx):
    with pytest.raises(ReadError, match=r"\[R02\]"):
        inspect([write_xlsx({"空": []})])


def test_two_cells_in_far_corners_are_refused_before_memory_is_asked_for(write_xlsx):
    rows = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    path = rezipped(write_xlsx({"表": [["评论"]]}), {"xl/worksheets/sheet1.xml": sheet_xml(rows)})
    with pytest.raises(ReadError, match=r"\[R07\].*几乎是空的"):
        inspect([path])


@pytest.mark.timeout(60)
@pytest.mark.parametrize("tags", ["<c" * 200_000, "<c " * 200_000, "<row " * 100_000, '<c r="A1" ' * 60_000])
def test_a_sheet_of_tags_that_do_not_end_takes_linear_time(write_xlsx, tags):
    path = rezipped(write_xlsx({"表": [["评论"]]}), {"xl/worksheets/sheet1.xml": sheet_xml(tags)})
    with contextlib.suppress(ReadError):
        inspect([path])


def test_empty_formatted_cells_in_far_corners_do_no_harm(write_xlsx, only):
    rows = (
        '<row r="1"><c r="A1" t="inlineStr"><is><t>评论</t></is></c></row>'
        '<row r="2"><c r="A2" t="inlineStr"><is><t>很好用的</t></is></c></row>'
        '<row r="1048576"><c r="XFD1048576" s="0"/></row>'
    )
    path = rezipped(write_xlsx({"表": [["评论"]]}), {"xl/worksheets/sheet1.xml": sheet_xml(rows)})
    assert count(only(path)) == 1


def test_a_workbook_that_inflates_beyond_all_measure_is_refused(write_xlsx):
    path = rezipped(write_xlsx({"表": [["评论"]]}), {"xl/worksheets/sheet1.xml": b" " * (80 << 20)})
    with pytest.raises(ReadError, match=r"\[R07\].*炸弹"):
        inspect([path])


def test_a_member_larger_than_it_says_is_refused(write_xlsx):
    path = rezipped(write_xlsx({"表": [["评论"], ["好的"]]}), {"xl/worksheets/sheet1.xml": b"<a>" * 300_000})
    data = bytearray(path.read_bytes())
    real, told = (900_000).to_bytes(4, "little"), (1_000).to_bytes(4, "little")
    assert data.count(real) >= 1
    path.write_bytes(bytes(data).replace(real, told))
    with pytest.raises(ReadError, match=r"\[R0[78]\]"):
        inspect([path])


def test_external_entities_in_the_xml_are_not_followed(write_xlsx, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("机密")
    xml = f'<!DOCTYPE x [<!ENTITY e SYSTEM "file://{secret}">]>'.encode() + sheet_xml(
        '<row r="1"><c r="A1" t="inlineStr"><is><t>评论</t></is></c></row>'
        '<row r="2"><c r="A2" t="inlineStr"><is><t>&e;</t></is></c></row>'
    )
    path = rezipped(write_xlsx({"表": [["评论"]]}), {"xl/worksheets/sheet1.xml": xml})
    try:
        shown = preview(inspect([path])[0]).to_string()
    except ReadError as error:
        shown = str(error)
    assert "机密" not in shown


def test_an_ods_is_read_and_its_repeated_empty_rows_are_none(write_ods, only, cells):
    def row(*values):
        return (
            "<table:table-row>"
            + "".join(
                f'<table:table-cell office:value-type="string"><text:p>{value}</text:p></table:table-cell>'
                for value in values
            )
            + "</table:table-row>"
        )

    tail = (
        '<table:table-row table:number-rows-repeated="1048570">'
        '<table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
    )
    source = only(write_ods(row("评论内容", "时间") + row("很好", "2024-01-01") + tail))
    assert (source.format, cells(source)) == ("ods", [["很好", "2024-01-01"]])


def test_an_ods_of_endless_repeated_cells_is_refused(write_ods):
    rows = (
        '<table:table-row table:number-rows-repeated="1048570"><table:table-cell office:value-type="string" '
        'table:number-columns-repeated="16384"><text:p>评论</text:p></table:table-cell></table:table-row>'
    )
    with pytest.raises(ReadError, match=r"\[R0[78]\]"):
        inspect([write_ods(rows)])


def test_an_encrypted_workbook_asks_for_the_password_to_be_removed(write):
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le")
    with pytest.raises(ReadError, match=r"\[R09\]"):
        inspect([write(ole, "密.xlsx")])


def test_a_workbook_under_a_csv_name_is_still_a_workbook(write_xlsx, tmp_path):
    path = write_xlsx({"表": [["评论"], ["好的"]]}).rename(tmp_path / "数据.csv")
    assert inspect([path])[0].format == "xlsx"


def test_half_a_workbook_is_called_damaged(write_xlsx, write):
    content = write_xlsx({"表": [["评论"], ["好的"]]}).read_bytes()
    with pytest.raises(ReadError, match=r"\[R08\] 半.xlsx"):
        inspect([write(content[: len(content) // 2], "半.xlsx")])


def test_an_xls_of_old_excel_is_read(only, cells):
    source = only(Path(__file__).parent / "data" / "small.xls")
    assert (source.format, source.sheet) == ("xls", "评论")
    assert cells(source)[:2] == [["旧格式也要能读", "5", "2024-01-02 03:04:00"], ["第二条,带逗号", "1.5", "2024-01-03"]]


def test_an_xlsb_is_read(write_xlsb, only, cells):
    source = only(write_xlsb({(0, 0): "评论内容", (0, 1): "平台", (1, 0): "很好用", (1, 1): "微博"}))
    assert (source.format, cells(source)) == ("xlsb", [["很好用", "微博"]])


def test_an_xlsb_with_two_cells_in_far_corners_is_refused_and_the_process_lives(write_xlsb):
    with pytest.raises(ReadError, match=r"\[R07\].*太多内存"):
        inspect([write_xlsb({(0, 0): "评论", (1_048_575, 16_383): "x"})])


@pytest.mark.parametrize("place", ["B899999999", "ZZZZZZ1", "xfd1048576", "A99999999999999999999999"])
def test_cells_beyond_any_sheet_are_refused(write_xlsx, place):
    rows = f'<row r="1"><c r="A1"><v>1</v></c></row><row r="2"><c r="{place}"><v>1</v></c></row>'
    path = rezipped(write_xlsx({"表": [["评论"]]}), {"xl/worksheets/sheet1.xml": sheet_xml(rows)})
    with pytest.raises(ReadError, match=r"\[R0[78]\]"):
        inspect([path])


def test_cells_that_hide_their_place_are_tried_in_another_process(write_xlsx):
    rows = '<row r="1"><c r="A1"><v>1</v></c></row><row r="9"><c x=">" r="XFD1048576"><v>1</v></c></row>'
    path = rezipped(write_xlsx({"表": [["评论"]]}), {"xl/worksheets/sheet1.xml": sheet_xml(rows)})
    with pytest.raises(ReadError, match=r"\[R0[78]\]"):
        inspect([path])


def test_cells_without_a_place_follow_one_another(write_xlsx, only, cells):
    rows = "".join(
        f'<row><c t="inlineStr"><is><t>{text}</t></is></c></row>' for text in ("评论内容", "很好用", "太差了")
    )
    path = rezipped(write_xlsx({"表": [["评论"]]}), {"xl/worksheets/sheet1.xml": sheet_xml(rows)})
    assert cells(only(path)) == [["很好用"], ["太差了"]]

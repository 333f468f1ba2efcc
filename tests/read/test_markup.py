"""Web pages, web archives and XML Spreadsheet 2003, which back offices hand out as .xls."""

import base64
import quopri

import pytest

from core.errors import ReadError
from core.read import count, inspect, read, sheet_names
from core.schema import Reason

HEADER = ["评论内容", "评分", "评论时间"]
ROWS = [["杯子很漂亮,保温也好", "5", "2024-05-01 10:00:00"], ["盖子漏水", "1", "2024-05-02 11:30:00"]]
SPREADSHEET = (
    '<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>\n'
    '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" '
    'xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">{}</Workbook>'
)


def table(rows, tag="td"):
    return (
        "<table>"
        + "".join(f"<tr>{''.join(f'<{tag}>{cell}</{tag}>' for cell in row)}</tr>" for row in rows)
        + "</table>"
    )


def page(*tables):
    return f'<html><head><style>td{{x:"<y>"}}</style></head><body>{"".join(tables)}</body></html>'


def worksheet(name, rows):
    return f'<Worksheet ss:Name="{name}"><Table>{rows}</Table></Worksheet>'


def xml_row(cells, kind="String"):
    return "<Row>" + "".join(f'<Cell><Data ss:Type="{kind}">{cell}</Data></Cell>' for cell in cells) + "</Row>"


def archive(body, way):
    data = body.encode()
    encoded = {"quoted-printable": quopri.encodestring, "base64": base64.encodebytes}.get(way, bytes)(data)
    return (
        b'MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary="=_1"\r\n\r\n--=_1\r\n'
        b"Content-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo=\r\n--=_1\r\n"
        b"Content-Transfer-Encoding: " + way.encode() + b'\r\nContent-Type: text/html; charset="utf-8"\r\n\r\n'
        + encoded + b"\r\n--=_1--\r\n"
    )  # fmt: skip


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_page_under_xls_is_read_and_the_person_is_told(write, only, cells, encoding):
    source = only(write(page(table([HEADER, *ROWS])), "评价.xls", encoding))
    assert (source.format, source.columns, source.mapping.text) == ("html", tuple(HEADER), ("评论内容",))
    assert cells(source) == ROWS
    assert count(source) == 2
    assert any("网页(HTML)" in note for note in source.notes)


def test_tags_that_nobody_closed_make_the_same_table(write, only, cells):
    body = "".join("<tr>" + "".join(f"<td>{cell}" for cell in row) for row in [HEADER, *ROWS])
    assert cells(only(write(f"<table>{body}"))) == ROWS


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("包装 \n 不错", "包装 不错"),
        ("慢<br>而且<br/>冷", "慢\n而且\n冷"),
        ("<p>慢</p><p>冷</p>", "慢\n\n冷"),
        ("3&lt;5 &amp;&nbsp;好&#x597d;", "3<5 & 好好"),
        ("好<b>极</b>了<!-- 不是评论 <td>别的</td> -->", "好极了"),
        ('气死了<img src="a.png" alt="[怒]">', "气死了[怒]"),
        ("好<script>var a = '<td>坏</td>';</script>用", "好用"),
        ("价格 < 100 > 50", "价格 < 100 > 50"),
    ],
)
def test_a_cell_of_a_page_says_what_a_browser_shows(write, only, cells, written, shown):
    (first, *_) = cells(only(write(page(table([HEADER, [written, "5", "2024-05-01"], *ROWS])))))
    assert first[0].replace("\n\n", "\n") == shown.replace("\n\n", "\n")


def test_cells_that_go_over_columns_and_rows_of_a_page_keep_the_others_in_place(write, only, cells):
    body = (
        '<tr><td rowspan="2">平台</td><td colspan=2>用户说的</td></tr><tr><td>评论内容</td><td>评分</td></tr>'
        "<tr><td rowspan=2>微博</td><td>很好</td><td>5</td></tr><tr><td>太差了</td><td>1</td></tr>"
        "<tr><td>抖音</td><td>还行</td><td>3</td></tr>"
    )
    source = only(write(f"<table>{body}</table>"))
    assert source.columns == ("平台", "评论内容", "评分")
    assert cells(source) == [["微博", "很好", "5"], ["微博", "太差了", "1"], ["抖音", "还行", "3"]]
    assert any("1 处合并单元格" in note for note in source.notes)


def test_of_the_tables_of_a_page_the_one_with_comments_is_read_and_the_others_are_named(write, only, cells):
    layout = table([["评价报表", "导出人"], ["五月", "小王"]])
    source = only(write(page(layout, table([HEADER, *ROWS]))))
    assert cells(source) == ROWS
    assert any("第 1 个表格" in note for note in source.notes)
    assert sheet_names(source) == ("第 1 个表格", "第 2 个表格")


def test_a_table_within_the_cell_of_a_layout_is_a_table_of_its_own(write, only, cells):
    layout = f"<table><tr><td>菜单</td><td>{table([HEADER, *ROWS])}</td></tr></table>"
    assert cells(only(write(page(layout)))) == ROWS


def test_a_table_cut_into_pages_with_the_same_header_is_one(write, only, cells):
    source = only(write(page(table([HEADER, ROWS[0]]), table([HEADER, ROWS[1]]))))
    (chunk,) = read(source, chunk_rows=10)
    assert chunk.reasons.tolist() == ["", Reason.HEADER_AGAIN, ""]
    assert cells(source)[::2] == ROWS


def test_a_header_in_a_table_of_its_own_belongs_to_the_table_below_it(write, only, cells):
    source = only(write(page(table([HEADER], "th"), table(ROWS))))
    assert (source.mapping.text, cells(source)) == (("评论内容",), ROWS)


def test_a_page_without_tables_is_refused_with_what_to_do(write, only):
    with pytest.raises(ReadError, match=r"\[R05\].*没有表格.*重新登录"):
        only(write("<html><body>请先登录</body></html>", "评价.xls"))


def test_a_table_that_is_not_there_is_refused_with_those_that_are(write, only):
    with pytest.raises(ReadError, match=r"\[R10\].*第 1 个表格"):
        only(write(page(table([HEADER, *ROWS]))), sheets=("评价",))


def test_a_caption_over_all_columns_of_a_page_is_no_comment(write, only):
    body = "".join("<tr>" + "".join(f"<td>{cell}" for cell in row) for row in [HEADER, *ROWS])
    source = only(write(f"<table>{body}<tr><td colspan=3>以下是六月的评价<tr><td>好用<td>5<td>2024-06-01</table>"))
    (chunk,) = read(source, chunk_rows=10)
    assert chunk.reasons.tolist() == ["", "", Reason.ASIDE, ""]


@pytest.mark.parametrize("way", ["quoted-printable", "base64"])
def test_a_web_archive_is_read(write, only, cells, way):
    source = only(write(archive(page(table([HEADER, *ROWS])), way), "评价.mht"))
    assert (source.format, source.encoding) == ("mht", None)
    assert cells(source) == ROWS


def test_a_line_of_a_web_archive_that_begins_with_dashes_is_no_boundary(write, only, cells):
    # Excel puts its styles into such a comment
    styled = "<style>\r\n<!--\r\ntd {color: black}\r\n-->\r\n</style>" + table([HEADER, *ROWS])
    assert cells(only(write(archive(page(styled), "8bit"), "评价.mht"))) == ROWS


def test_a_spreadsheet_in_xml_is_read_sheet_by_sheet(write, only, cells):
    sheets = worksheet("填表说明", xml_row(["请填写"])) + worksheet("评价", "".join(map(xml_row, [HEADER, *ROWS])))
    source = only(write(SPREADSHEET.format(sheets), "评价.xls"))
    assert (source.format, source.sheet) == ("xml", "评价")
    assert cells(source) == ROWS


def test_places_spans_times_and_remarks_of_a_spreadsheet_in_xml(write, only):
    rows = (
        xml_row(["平台", "评论内容", "评论时间"])
        + '<Row ss:Index="3"><Cell ss:MergeDown="1"><Data ss:Type="String">微博</Data></Cell>'
        '<Cell><Data ss:Type="String">很好&#10;还会买</Data><Comment><ss:Data>小王:要核实</ss:Data></Comment></Cell>'
        '<Cell><Data ss:Type="DateTime">2024-05-01T10:00:00.000</Data></Cell></Row>'
        '<Row><Cell ss:Index="2"><Data ss:Type="String">盖子漏水</Data></Cell></Row>'
    )
    (chunk,) = read(only(write(SPREADSHEET.format(worksheet("评价", rows)))), chunk_rows=10)
    assert chunk.frame.to_numpy().tolist() == [
        ["", "", ""],
        ["微博", "很好\n还会买", "2024-05-01 10:00:00"],
        ["微博", "盖子漏水", ""],
    ]
    assert chunk.row_numbers.tolist() == [2, 3, 4]


def test_a_cell_beyond_the_limit_rejects_its_row_only(write, only, limits):
    path = write(page(table([HEADER, ["长" * 500, "1", "2024-05-01"], *ROWS])))
    limits(max_cell_chars=100)
    (chunk,) = read(only(path), chunk_rows=10)
    assert chunk.reasons.tolist() == [Reason.CELL_TOO_LONG, "", ""]


def test_memory_for_a_page_does_not_grow_with_it(write, only):
    import tracemalloc

    def peak(rows):
        path = write(page(table([HEADER, *ROWS * rows])), f"{rows}.xls")
        source = only(path)
        tracemalloc.start()
        for _ in read(source, chunk_rows=100):
            pass
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    peak(500)
    assert peak(16_000) < 1.5 * peak(8_000)


@pytest.mark.parametrize("cut", [1, 40, 90, 200, -1, -20])
def test_a_page_that_breaks_off_is_a_table_or_a_read_error(write, cut):
    text = page(table([HEADER, *ROWS]))[:cut]
    try:
        inspect([write(text)])
    except ReadError as error:
        assert error.code in ("R02", "R05")


@pytest.mark.parametrize("extra", range(-4, 12, 3))
def test_tags_and_names_of_characters_are_found_wherever_the_file_is_cut_into_blocks(write, only, cells, extra):
    from core.read.lines import BLOCK_CHARS

    start = page(table([HEADER]))[: -len("</table></body></html>")] + "<tr><td>"
    text = (
        start
        + "好" * (BLOCK_CHARS - len(start) + extra - 8)
        + "&amp;<br>完</td><td>5</td><td>2024-05-01</td></tr></table>"
    )
    (row,) = cells(only(write(text)))
    assert (row[0][-3:], row[1]) == ("&\n完", "5")


@pytest.mark.timeout(20)
@pytest.mark.parametrize("tag", ["<" + "a" * 60_000 + " ", "<td " + "a" * 60_000 + ">", "<td " + "a= " * 20_000 + ">"])
def test_tags_without_an_end_take_linear_time(tmp_path, tag):
    path = tmp_path / "a.xls"
    rows = "".join(f"<tr><td>{i}</td><td>汤洒了{i}</td></tr>" for i in range(3))
    path.write_text(f"<html><table><tr><td>编号</td><td>评论内容</td></tr>{rows}</table>{tag * 3}</html>", "utf-8")
    (source,) = inspect([path])
    assert sum(len(chunk.frame) for chunk in read(source, chunk_rows=100)) == 3

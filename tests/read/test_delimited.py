"""Delimited text: cells, blank lines, ragged rows, broken quotes."""

import pytest

from core.errors import ReadError
from core.read import count, inspect, read
from core.schema import Reason


def rows(source):
    (chunk,) = read(source, chunk_rows=1000)
    return chunk


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|", "，", "；", "^"])
def test_the_delimiter_is_told_from_the_content(write, only, cells, delimiter):
    lines = [["编号", "评论内容", "时间"], ["1", "很好用", "2024-01-02"], ["2", "物流慢", "2024-01-03"]]
    source = only(write("\n".join(delimiter.join(line) for line in lines)))
    assert source.delimiter == delimiter
    assert cells(source) == lines[1:]


def test_a_named_delimiter_wins(write, only, cells):
    source = only(write("评论,a;分\n好,b;1\n"), delimiter=";")
    assert cells(source) == [["好,b", "1"]]


def test_a_delimiter_of_two_characters_is_refused(write, only):
    with pytest.raises(ReadError, match=r"\[R11\]"):
        only(write("评论,分\n好,1\n"), delimiter="::")


def test_excel_s_separator_line_names_the_delimiter_and_is_no_row(write, only, cells):
    source = only(write("sep=;\n评论;分\n好,真好;1\n"))
    assert (source.delimiter, source.header_row) == (";", 2)
    assert cells(source) == [["好,真好", "1"]]


def test_lines_of_running_text_with_commas_are_one_column(write, only, cells):
    source = only(write("评论\n很好,喜欢\n不错\n差,慢,贵\n"))
    assert source.delimiter is None
    assert cells(source) == [["很好,喜欢"], ["不错"], ["差,慢,贵"]]


@pytest.mark.parametrize("comma", [",", "，", ";"])
def test_a_few_lines_with_one_comma_each_are_one_column(write, only, cells, comma):
    lines = [f"物流很快{comma}包装完好", f"质量太差{comma}不推荐", f"客服好{comma}发货快"]
    source = only(write("\n".join(lines)))
    assert cells(source) == [[line] for line in lines]
    assert source.mapping.text == ("列1",)


def test_faces_and_many_lines_with_full_width_commas_are_one_column(write, only, cells):
    for lines in ([f"今天不错{i}^_^" for i in range(5)], [f"第{i}家很好，下次再去{i}" for i in range(50)]):
        assert cells(only(write("\n".join(lines)))) == [[line] for line in lines]


def test_a_few_rows_under_unusual_names_are_a_table(write, only, cells):
    source = only(write("部门,心得体会\n销售部,培训内容很实用老师讲得好\n财务部,时间太长了中间没有休息\n"))
    assert source.columns == ("部门", "心得体会")


def test_quoted_cells_keep_delimiters_quotes_and_line_ends(write, only, cells):
    source = only(write('评论,分\n"第一行\r\n第二行,""好""",5\n差,1\n'))
    assert cells(source) == [['第一行\r\n第二行,"好"', "5"], ["差", "1"]]


def test_row_numbers_are_the_lines_on_which_records_start(write, only):
    chunk = rows(only(write('评论,分\n"一\n二\n三",5\n差,1\n')))
    assert chunk.row_numbers.tolist() == [2, 5]


def test_blank_lines_inside_are_rows_and_those_at_the_end_are_not(write, only, cells):
    source = only(write("评论,分\n好,5\n\n,\n差,1\n,\n\n   \n"))
    assert cells(source) == [["好", "5"], ["", ""], ["", ""], ["差", "1"]]
    assert count(source) == 4


def test_ragged_rows_are_counted_and_nothing_of_them_is_lost(write, only):
    chunk = rows(only(write("评论,分\n好,5,多,余\n差\n中,3\n")))
    assert chunk.ragged == 2
    assert chunk.frame.columns.tolist() == ["评论", "分", "列3", "列4"]
    assert chunk.frame.to_numpy().tolist() == [["好", "5", "多", "余"], ["差", "", "", ""], ["中", "3", "", ""]]


def test_commas_without_quotes_in_half_of_the_rows_make_no_column(write, only):
    source = only(write("编号,评论,时间\n1,好,吃,2024-01-01\n2,好,2024-01-02\n"))
    assert source.columns == ("编号", "评论", "时间")


def test_separators_at_the_end_of_lines_make_no_column(write, only):
    assert rows(only(write("评论,分\n好,5,\n差,1,\n"))).frame.columns.tolist() == ["评论", "分"]


def test_an_unclosed_quote_costs_its_own_line_and_no_other(write, only):
    chunk = rows(only(write('号,评论,分\n1,"很好,5\n2,差,1\n3,"还行",3\n4,贵,2\n')))
    assert chunk.reasons.tolist() == [Reason.UNCLOSED_QUOTE, "", "", ""]
    assert chunk.frame.iloc[0].tolist() == ['1,"很好,5', "", ""]
    assert chunk.frame["评论"].tolist()[1:] == ["差", "还行", "贵"]
    assert chunk.row_numbers.tolist() == [2, 3, 4, 5]


def test_an_unclosed_quote_that_never_closes_does_not_swallow_the_file(write, only):
    body = "".join(f"{i},评论{i},5\n" for i in range(3000))
    source = only(write('号,评论,分\n0,"坏,5\n' + body))
    assert count(source) == 3001
    reasons = [reason for chunk in read(source, chunk_rows=500) for reason in chunk.reasons]
    assert sum(reason == Reason.UNCLOSED_QUOTE for reason in reasons) == 1


def test_an_unclosed_quote_that_pairs_with_a_far_one_is_noticed(write, only):
    # The quote before 坏 closes at the end of line 6, and the record even has the right number of cells.
    text = '号,评论,分\n1,好,"坏\n2,b,2\n3,c,3\n4,d,4\n5,e,"5"\n'.replace('"5"', '5"')
    chunk = rows(only(write(text)))
    assert chunk.row_numbers.tolist() == [2, 3, 4, 5, 6]


def test_quotes_within_a_quoted_cell_that_were_not_doubled_stay(write, only, cells):
    assert cells(only(write('号,评论,分\n1,"他说"很好"了",5\n2,差,1\n')))[0] == ["1", '他说"很好"了', "5"]


def test_quotes_in_the_middle_of_a_cell_are_plain_characters(write, only, cells):
    assert cells(only(write('评论,分\n屏幕15"很大,5\n差,1\n')))[0] == ['屏幕15"很大', "5"]


def test_cells_beyond_the_csv_module_s_limit_are_read(write, only, cells):
    long = "好" * 200_000
    assert cells(only(write(f'评论,分\n"{long}",5\n差,1\n')))[0] == [long, "5"]


def test_a_cell_beyond_our_own_limit_rejects_its_row_only(write, only, limits):
    limits(max_cell_chars=100)
    chunk = rows(only(write("评论,分\n" + "好" * 101 + ",5\n差,1\n" + '"' + "坏" * 101 + '",2\n')))
    assert chunk.reasons.tolist() == [Reason.CELL_TOO_LONG, "", Reason.CELL_TOO_LONG]
    assert chunk.frame["评论"].tolist()[1] == "差"


def test_a_line_without_end_does_not_fill_the_memory(write, only, limits):
    limits(max_cell_chars=1000)
    chunk = rows(only(write("评论,分\n" + "好" * 1_000_000 + "\n差,1\n")))
    assert chunk.reasons.tolist() == [Reason.CELL_TOO_LONG, ""]
    assert len(chunk.frame.iloc[0, 0]) == 1000


def test_nul_characters_stay_in_their_cell(write, only, cells):
    assert cells(only(write("评论,分\n好\x00的,5\n差,1\n")))[0] == ["好\x00的", "5"]


def test_lines_of_old_macintosh_files_end_with_a_carriage_return(write, only, cells):
    assert cells(only(write("评论,分\r好,5\r差,1\r"))) == [["好", "5"], ["差", "1"]]


def test_a_lone_carriage_return_inside_an_unquoted_cell_is_part_of_it(write, only, cells):
    assert cells(only(write("评论,分\n好\r真好,5\n差,1\n"))) == [["好\r真好", "5"], ["差", "1"]]


def test_tabs_at_the_end_of_ids_are_kept_and_noted(write, only, cells):
    source = only(write("id,评论\n4987654321098765\t,好\n4987654321098766\t,差\n"))
    assert cells(source)[0] == ["4987654321098765\t", "好"]
    assert any("制表符" in note for note in source.notes)


def test_ids_that_a_spreadsheet_damaged_are_kept_and_noted(write, only, cells):
    source = only(write("id,评论\n1.23E+18,好\n1.24E+18,差\n"))
    assert cells(source)[0] == ["1.23E+18", "好"]
    assert any("1.23E+18" in note for note in source.notes)


def test_the_same_file_gives_the_same_chunks_again(write, only):
    source = only(write("评论\n" + "".join(f"第{i}条\n" for i in range(25))))
    sizes = [[len(chunk.frame) for chunk in read(source, chunk_rows=10)] for _ in range(2)]
    assert sizes == [[10, 10, 5]] * 2


def test_a_table_of_a_header_alone_has_no_rows(write, only):
    source = only(write("评论内容,时间\n"))
    assert source.columns == ("评论内容", "时间")
    assert list(read(source, chunk_rows=10)) == []
    assert count(source) == 0


def test_an_empty_file_is_refused(write):
    with pytest.raises(ReadError, match=r"\[R02\] 表.dat 是空文件"):
        inspect([write(b"")])


def test_a_file_of_blank_lines_is_refused(write):
    with pytest.raises(ReadError, match=r"\[R02\]"):
        inspect([write("\n\n  \n")])


def test_quotes_in_text_separated_by_tabs_are_plain_characters(write, only, cells):
    source = only(write('id\ttext\ttime\n1\t"转发 真好\t2024\n2\t"好评" 真的好\t2024\n3\t一般\t2024\n'))
    assert [row[1] for row in cells(source)] == ['"转发 真好', '"好评" 真的好', "一般"]


def test_a_quoted_word_at_the_start_of_a_cell_is_part_of_it(write, only, cells):
    assert cells(only(write('号,评论,分\n1,"好评"真的好,5\n2,差,1\n')))[0] == ["1", '"好评"真的好', "5"]


def test_a_table_whose_first_cell_is_json_is_still_a_table(write, only, cells):
    source = only(write('{"a":1},很好用的\n{"a":2},不太好用\n'), delimiter=",", header_row=0)
    assert cells(source)[0] == ['{"a":1}', "很好用的"]


def test_quotes_escaped_with_a_backslash_do_not_cut_the_comment(write, only, cells):
    source = only(write('编号,评论,分\n1,"他说\\"好\\",真的",3\n2,"\\"坏\\"",2\n3,C:\\新,1\n'))
    assert cells(source) == [["1", '他说"好",真的', "3"], ["2", '"坏"', "2"], ["3", "C:\\新", "1"]]


def test_quotes_behind_a_space_do_not_cut_the_comment(write, only, cells):
    source = only(write('编号,评论,分\n1, "好, 真的", 3\n2,差,2\n'))
    assert cells(source) == [["1", "好, 真的", "3"], ["2", "差", "2"]]


@pytest.mark.parametrize("comma", [",", "，", "；"])
def test_a_list_under_the_name_of_comments_is_one_column_however_many_lines_have_a_comma(write, only, cells, comma):
    lines = [f"第{i}次吃小笼包味道不错{comma}下次还来{i}" for i in range(1200)]
    source = only(write("\n".join(["评论", *lines])))
    assert source.columns == ("评论",)
    assert cells(source) == [[line] for line in lines]


def test_a_title_of_that_name_above_a_table_does_not_make_it_a_list(write, only):
    assert only(write("评论\n编号,评论,时间\n1,好,2024-01-01\n2,差,2024-01-02\n")).columns == ("编号", "评论", "时间")


def test_a_few_rows_of_names_and_comments_without_a_header_are_a_table(write, only, cells):
    lines = [["小王", "很好"], ["小李", "物流太慢了等了一个星期才到"], ["小张", "质量不错做工精细值得推荐"]]
    assert cells(only(write("\n".join(map(",".join, lines))))) == lines


def test_a_list_whose_first_comma_stands_far_down_is_one_column(write, only, cells):
    lines = ["这家店的小笼包味道真的不错"] * 30_000 + ["很好,喜欢"]
    assert cells(only(write("\n".join(["评论", *lines]))), 100_000)[-1] == ["很好,喜欢"]


def test_a_pair_of_stray_quotes_does_not_join_rows_with_numbers_in_the_same_columns(write, only):
    chunk = rows(only(write('编号,评论,评分\n1,"东西很好,5\n2,物流太慢了,1\n3,客服态度差",1\n4,一般般,3\n')))
    assert chunk.row_numbers.tolist() == [2, 3, 4, 5]
    assert chunk.reasons.tolist() == [Reason.UNCLOSED_QUOTE, "", "", ""]
    assert chunk.frame["评论"].tolist()[1:] == ["物流太慢了", '客服态度差"', "一般般"]


def test_a_pair_of_stray_quotes_does_not_join_rows_separated_by_tabs(write, only, cells):
    source = only(write('编号\t评论\n1\t"很好\n2\t差"\n3\t他说"行"\n'))
    assert cells(source) == [["1", '"很好'], ["2", '差"'], ["3", '他说"行"']]


@pytest.mark.parametrize(
    "comment", ["好,喜欢\n坏,讨厌", "1,质量好\n2,服务差", "味道好,分量足\n上菜快,不贵\n停车难,要排队"]
)
def test_a_quoted_cell_of_lines_with_commas_stays_whole(write, only, cells, comment):
    assert cells(only(write(f'编号,评论,评分\n7,"{comment}",5\n8,差,1\n')))[0] == ["7", comment, "5"]


def test_numbered_points_within_a_quoted_cell_stay_in_it(write, only, cells):
    assert cells(only(write('编号,评论\n7,"优点\n1,好\n2,便宜"\n8,差\n'))) == [["7", "优点\n1,好\n2,便宜"], ["8", "差"]]


def test_a_pair_of_stray_quotes_does_not_join_rows_that_count_on(write, only):
    assert rows(only(write('编号,评论\n7,"很好\n8,不错"\n9,差\n'))).row_numbers.tolist() == [2, 3, 4]


def test_a_file_of_which_no_row_can_be_read_is_not_called_empty(write, only):
    with pytest.raises(ReadError, match=r"\[R02\].*没有一行读得出来:.*引号"):
        only(write('"很好,5\n'), delimiter=",")


def test_line_ends_without_quotes_do_not_cut_a_comment(write, only, cells):
    lines = (
        "编号,评论,分,时间\n1,锅盖太重,2,2024-05-01\n2,第一天还好\n\n后来就粘锅了,1,2024-05-02\n3,好用,5,2024-05-03\n"
    )
    source = only(write(lines))
    assert cells(source)[1] == ["2", "第一天还好\n\n后来就粘锅了", "1", "2024-05-02"]
    assert len(cells(source)) == 3
    assert any("第 3 行" in note and "接回" in note for note in source.notes)


@pytest.mark.parametrize("short", ["2,粘锅\n3,好用,5\n", "2,粘锅\n3,5,2024-05-02\n", "2,粘锅\n"])
def test_rows_that_lack_their_last_cells_are_not_joined(write, only, short):
    text = f"编号,评论,分,时间\n1,锅盖太重,2,2024-05-01\n{short}4,好,4,2024-05-04\n"
    source = only(write(text))
    assert count(source) == text.count("\n") - 1
    assert not any("接回" in note for note in source.notes)


def test_lone_carriage_returns_that_end_some_of_the_rows_are_line_ends(write, only, cells):
    lines = ["编号,评论,分", '1,"锅盖,太重",2', "2,粘锅,1", "3,好用,5", "4,很轻,4"]
    text = "\n".join(lines[:2]) + "\r" + "\r".join(lines[2:4]) + "\n" + lines[4] + "\n"
    assert cells(only(write(text))) == [["1", "锅盖,太重", "2"], *(line.split(",") for line in lines[2:])]

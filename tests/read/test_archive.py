"""Files, folders and zips: what is found in them, under which names, and what is refused."""

import hashlib
import struct
import zipfile

import pytest

from core.errors import ReadError
from core.read import count, inspect, preview
from core.read.archive import members

CSV = "评论内容,平台\n很好用,微博\n"


@pytest.fixture
def make_zip(tmp_path):
    def make(contents, name="导出.zip"):
        path = tmp_path / name
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for member, content in contents.items():
                archive.writestr(member, content)
        return path

    return make


def gbk_zip(path, name, content):
    """A zip as Chinese Windows writes it: the name in GBK, no UTF-8 flag."""
    placeholder = "x" * len(name.encode("gbk"))
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(placeholder, content)
    path.write_bytes(path.read_bytes().replace(placeholder.encode(), name.encode("gbk")))
    return path


def test_several_files_become_several_tables_in_the_order_given(write):
    paths = [write(CSV, name) for name in ("乙.csv", "甲.csv")]
    assert [table.name for table in inspect(paths)] == ["乙.csv", "甲.csv"]


def test_the_person_s_names_are_shown_instead_of_those_on_disk(write):
    (table,) = inspect([write(CSV, "tmp8f3a")], names=["八月评论.csv"])
    assert table.name == "八月评论.csv"


def test_errors_speak_of_the_name_the_person_knows(write):
    with pytest.raises(ReadError, match=r"\[R02\] 八月.csv 是空文件"):
        inspect([write(b"", "tmp8f3a")], names=["八月.csv"])


def test_a_folder_is_searched_and_litter_is_passed_over(write, tmp_path):
    write(CSV, "夹/一.csv")
    write(CSV, "夹/里/二.csv")
    write(b"x", "夹/~$一.xlsx")
    write(b"x", "夹/.DS_Store")
    assert [table.name for table in inspect([tmp_path / "夹"])] == ["夹/一.csv", "夹/里/二.csv"]


def test_files_of_a_folder_that_are_no_tables_are_named_in_a_note(write, tmp_path):
    write(CSV, "夹/一.csv")
    write(b"\x89PNG\r\n", "夹/图.png")
    (table,) = inspect([tmp_path / "夹"])
    assert any("图.png" in note for note in table.notes)


def test_files_of_a_folder_without_comments_are_left_out_if_another_has_some(write, tmp_path):
    write(CSV, "夹/一.csv")
    write("品牌,价格\n甲,100\n", "夹/价格.csv")
    write("这是说明\n请看\n", "夹/说明.txt")
    (table,) = inspect([tmp_path / "夹"])
    assert table.name == "夹/一.csv"
    assert any("夹/价格.csv、夹/说明.txt" in note for note in table.notes)


def test_files_without_comments_that_a_person_chose_are_not_left_out(write):
    tables = inspect([write(CSV, "一.csv"), write("品牌,价格\n甲,100\n", "价格.csv")])
    assert [table.name for table in tables] == ["一.csv", "价格.csv"]


LABELLED = "评论内容,平台,情感,置信度,负面概率,中性概率,正面概率,需复核\n很好用,微博,正面,0.9,0.05,0.05,0.9,否\n"


def test_our_own_exports_beside_what_they_were_made_from_are_left_out_with_a_note(write, make_zip, tmp_path):
    write(CSV, "夹/一.csv")
    write(LABELLED, "夹/结果.csv")
    for place in (tmp_path / "夹", make_zip({"一.csv": CSV, "结果.csv": LABELLED}, "夹.zip")):
        (table,) = inspect([place])
        assert table.name == f"{place.name}/一.csv"
        assert any(f"{place.name}/结果.csv" in note and "打标结果" in note for note in table.notes)


def test_our_own_exports_are_read_when_named_or_when_there_is_nothing_else(write, tmp_path):
    exports = [write(LABELLED, f"夹/{name}.csv") for name in ("一", "二")]
    assert [table.name for table in inspect([tmp_path / "夹"])] == ["夹/一.csv", "夹/二.csv"]
    write(CSV, "夹/三.csv")
    assert [table.name for table in inspect([tmp_path / "夹", exports[0]])] == ["夹/三.csv", "一.csv"]


def test_a_folder_of_lists_of_comments_is_read_whole(write, tmp_path):
    write("很好\n差\n", "夹/一.txt")
    write("一般\n还行\n", "夹/二.txt")
    assert len(inspect([tmp_path / "夹"])) == 2


def test_a_film_in_a_folder_is_passed_over_with_a_note(write, tmp_path):
    write(CSV, "夹/一.csv")
    write(b"\x00\x00\x00\x20ftypisom" + bytes(range(256)) * 4, "夹/片.mp4")
    (table,) = inspect([tmp_path / "夹"])
    assert any("片.mp4" in note for note in table.notes)


def test_of_several_files_the_one_without_content_is_named(write):
    with pytest.raises(ReadError, match=r"\[R02\] 空行.csv 里没有任何内容"):
        inspect([write(CSV, "一.csv"), write("\n\n", "空行.csv")])


def test_a_damaged_table_in_a_folder_is_an_error_not_a_note(write, tmp_path):
    write(CSV, "夹/一.csv")
    write(b"PK\x03\x04" + bytes(50), "夹/二.xlsx")
    with pytest.raises(ReadError, match=r"\[R08\] 夹/二.xlsx"):
        inspect([tmp_path / "夹"])


def test_the_tables_of_a_zip_are_read(make_zip):
    tables = inspect([make_zip({"八月/一.csv": CSV, "二.jsonl": '{"content":"好"}\n', "__MACOSX/._一.csv": b"x"})])
    assert [table.name for table in tables] == ["导出.zip/二.jsonl", "导出.zip/八月/一.csv"]
    assert [count(table) for table in tables] == [1, 1]
    assert preview(tables[1]).to_numpy().tolist() == [["很好用", "微博"]]


def test_member_names_in_gbk_are_readable(tmp_path):
    (table,) = inspect([gbk_zip(tmp_path / "旧.zip", "八月评论.csv", CSV)])
    assert table.name == "旧.zip/八月评论.csv"
    assert count(table) == 1


def test_members_of_the_same_name_are_both_read(tmp_path):
    path = tmp_path / "双.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("一.csv", CSV)
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("一.csv", CSV + "差,抖音\n")
    assert [count(table) for table in inspect([path])] == [1, 2]


def test_a_zip_is_hashed_once_however_many_members_it_has(make_zip, monkeypatch):
    hashed = []
    digest = hashlib.file_digest
    monkeypatch.setattr(hashlib, "file_digest", lambda file, name: hashed.append(file.name) or digest(file, name))
    tables = inspect([make_zip({f"{i}.csv": CSV for i in range(5)})])
    assert (len(tables), len(hashed)) == (5, 1)
    assert {table.sha256 for table in tables} == {hashlib.sha256(tables[0].path.read_bytes()).hexdigest()}


def test_members_never_leave_the_temporary_folder(make_zip, tmp_path):
    path = make_zip({"../../逃.csv": CSV})
    assert count(inspect([path])[0]) == 1
    assert not list(tmp_path.parent.rglob("逃.csv"))


def test_a_zip_in_a_zip_is_passed_over_with_a_note(make_zip):
    inner = make_zip({"一.csv": CSV}, "内.zip").read_bytes()
    (table,) = inspect([make_zip({"内.zip": inner, "二.csv": CSV})])
    assert any("内.zip" in note for note in table.notes)


def test_a_zip_of_nothing_but_pictures_says_so(make_zip):
    with pytest.raises(ReadError, match=r"\[R05\] 导出.zip/图.png 是图片"):
        inspect([make_zip({"图.png": b"\x89PNG\r\n"})])


def test_an_empty_zip_is_refused(make_zip):
    with pytest.raises(ReadError, match=r"\[R02\]"):
        inspect([make_zip({})])


def test_a_zip_bomb_is_refused(make_zip):
    with pytest.raises(ReadError, match=r"\[R07\].*炸弹"):
        inspect([make_zip({"零.csv": bytes(100 << 20)})])


def test_a_zip_beyond_the_size_limit_is_refused(make_zip, limits):
    limits(max_inflated_mb=1)
    with pytest.raises(ReadError, match=r"\[R07\].*TINGFENG_MAX_INFLATED_MB"):
        inspect([make_zip({"大.csv": b"a,b\n" * 600_000})])


def test_a_file_beyond_the_size_limit_is_refused(write, limits):
    limits(max_file_mb=1)
    with pytest.raises(ReadError, match=r"\[R07\].*TINGFENG_MAX_FILE_MB"):
        inspect([write(b"a,b\n" * 600_000)])


def test_too_many_members_are_refused(make_zip, limits):
    limits(max_members=2)
    with pytest.raises(ReadError, match=r"\[R13\]"):
        inspect([make_zip({f"{i}.csv": CSV for i in range(3)})])


def test_a_zip_with_a_password_asks_to_unpack_it_first(make_zip):
    path = make_zip({"一.csv": CSV})
    data = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.find(signature) + offset
        data[at : at + 2] = struct.pack("<H", struct.unpack("<H", data[at : at + 2])[0] | 1)
    path.write_bytes(bytes(data))
    with pytest.raises(ReadError, match=r"\[R09\]"):
        inspect([path])


def test_a_path_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(ReadError, match=r"\[R01\] 找不到文件"):
        inspect([tmp_path / "无.csv"])


def test_a_file_that_vanished_after_inspection_is_refused(write):
    path = write(CSV)
    (table,) = inspect([path])
    path.unlink()
    with pytest.raises(ReadError, match=r"\[R01\]"):
        count(table)


def test_an_empty_folder_is_refused(tmp_path):
    with pytest.raises(ReadError, match=r"\[R02\]"):
        inspect([tmp_path])


def test_no_paths_at_all_are_refused():
    with pytest.raises(ReadError, match=r"\[R02\]"):
        inspect([])


def test_equal_names_are_told_apart(write):
    tables = inspect([write(CSV, "a/表.csv"), write(CSV, "b/表.csv")])
    assert [table.name for table in tables] == ["表.csv", "表.csv (2)"]


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"%PDF-1.7\n", "PDF"),
        (b"<html><table>", "网页"),
        (b"<!-- 1 -->\n<table>", "网页"),
        (b'<div class="a"><table>', "网页"),
        ("<html><table>".encode("utf-16"), "网页"),
        (b"MIME-Version: 1.0\nX-Document-Type: Workbook\n", "网页"),
        (b"\x00\x00\x00\x20ftypisom" + bytes(range(256)) * 4, "不是文字"),
        (b'<?xml version="1.0"?><Workbook>', "XML"),
        (b"\x1f\x8b\x08", "gzip"),
        (b"Rar!\x1a\x07", "RAR"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "旧版 Word"),
    ],
)
def test_what_is_no_table_is_named_and_the_next_step_told(write, content, what):
    with pytest.raises(ReadError, match=r"\[R05\]") as caught:
        inspect([write(content, "表.csv")])
    assert what in caught.value.message
    assert caught.value.hint


def test_names_are_ordered_within_a_zip(make_zip):
    with zipfile.ZipFile(make_zip({"b.csv": CSV, "a.csv": CSV})) as archive:
        assert list(members(archive)) == ["a.csv", "b.csv"]

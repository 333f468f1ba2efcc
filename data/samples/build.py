"""Make the sample files of this folder from the hand-written comments in ``source/``.

Every comment was written by a person for this project; this script only gives it a time, an author, a rating and a
file layout. It is seeded, so that running it again gives the same files byte for byte:

    python data/samples/build.py            # writes beside this script
    python data/samples/build.py --out DIR
"""

from __future__ import annotations

import argparse
import csv
import json
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from pathlib import Path

import xlsxwriter

HERE = Path(__file__).resolve().parent
BEIJING = timezone(timedelta(hours=8))
SEED = 20260803

#: When the comments of a phase were written: first day, last day, and the two shape numbers of a beta distribution
#: between them (1, 1 = evenly; a larger second number = most of them early). The phases are the stories of the samples.
PHASES = {
    "平时": (date(2026, 8, 3), date(2026, 11, 15), 1.0, 1.0),
    "更新": (date(2026, 9, 8), date(2026, 10, 11), 1.2, 3.2),  # week 6: earbud firmware 3.2 drops connections
    "致歉": (date(2026, 9, 24), date(2026, 10, 5), 1.0, 2.0),  # the maker admits it and promises a fix
    "恢复": (date(2026, 10, 8), date(2026, 11, 15), 1.0, 1.3),  # firmware 3.2.1: slow recovery
    "国庆": (date(2026, 10, 1), date(2026, 10, 7), 1.0, 1.0),
    "暴雨": (date(2026, 10, 12), date(2026, 10, 18), 1.0, 1.2),  # a week of rain: takeaway boxes leak
    "双11": (date(2026, 10, 28), date(2026, 11, 15), 1.5, 1.0),
}
#: Hours of the day at which people write, by kind of file.
HOURS = {
    "weibo": (7, 8, 8, 9, 12, 12, 13, 18, 19, 20, 21, 21, 22, 22, 23, 0),
    "shop": (9, 10, 11, 12, 13, 15, 17, 19, 20, 21, 22),
    "takeaway": (8, 11, 12, 12, 12, 13, 18, 18, 19, 19, 20, 23),
    "hotel": (9, 10, 12, 14, 16, 20, 21),
    "notes": (10, 12, 15, 18, 20, 21, 22, 23),
    "dialogue": (9, 10, 11, 14, 15, 16, 17, 19, 20),
}
STARS = {"负": (1, 1, 1, 2, 2, 3), "中": (3, 3, 4, 4), "正": (5, 5, 5, 4)}
LABEL_TITLES = {"负": "负面", "中": "中性", "正": "正面"}
PROVINCES = ("广东", "浙江", "江苏", "上海", "北京", "四川", "湖北", "山东", "河南", "福建", "湖南", "陕西", "辽宁")
SHOPS = ("淘宝", "淘宝", "京东", "京东", "拼多多")
#: Rows of the shop file whose time somebody lost, and what stands there instead.
UNDATED = {88: "", 240: "未知", 333: "——"}
#: Headings of source/shop.tsv that are not a product: reviews without a word fall on any product, the rest name none.
PRODUCTS_OF = {
    "店铺默认": ("禾雀 Air2 耳机", "禾雀 P20 充电宝", "山野保温杯 500ml", "简白纯棉T恤", "软云婴儿纸尿裤"),
    "其他": ("",),
}
#: Texts that a shop writes by itself when the buyer writes nothing; they come with five stars.
SHOP_DEFAULTS = ("此用户没有填写评价。", "系统默认好评", "默认好评")
#: Texts that nobody typed: there is nothing to label in them.
PLATFORM_TEXTS = (*SHOP_DEFAULTS, "转发微博", "Repost")


@dataclass(frozen=True)
class Comment:
    """One row to come: a text of ``source/`` with the time and author given to it."""

    text: str
    label: str
    product: str
    phase: str
    written: datetime
    author: str


def read_source(name: str) -> list[dict[str, str]]:
    """Read one hand-written table; ``\\n`` in a comment stands for a line break."""
    with (HERE / "source" / f"{name}.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    for row in rows:
        row["comment"] = row["comment"].replace("\\n", "\n")
    return rows


def read_authors() -> list[str]:
    return (HERE / "source" / "authors.txt").read_text(encoding="utf-8").split("\n")[:-1]


def draw_time(rng: random.Random, phase: str, hours: Sequence[int]) -> datetime:
    first, last, early, late = PHASES[phase]
    day = first + timedelta(days=int(rng.betavariate(early, late) * ((last - first).days + 1)))
    return datetime.combine(day, time(rng.choice(hours), rng.randrange(60), rng.randrange(60)), BEIJING)


def draw_comments(rng: random.Random, name: str, authors: Sequence[str]) -> list[Comment]:
    """Give every copy of every text of a source table a time and an author; sorted by time."""
    comments = [
        Comment(
            text=row["comment"],
            label=row["label"],
            product=row["product"],
            phase=row["phase"],
            written=draw_time(rng, row["phase"], HOURS[name]),
            author=rng.choice(authors),
        )
        for row in read_source(name)
        for _ in range(int(row["copies"]))
    ]
    return sorted(comments, key=lambda comment: comment.written)


def write_csv(path: Path, rows: Iterable[Sequence[object]], *, encoding: str) -> None:
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file, lineterminator="\r\n").writerows(rows)


def mask_name(name: str) -> str:
    return f"{name[0]}***{name[-1]}"


def write_weibo(path: Path, rng: random.Random, authors: Sequence[str]) -> None:
    """Weibo comments in MediaCrawler's layout: long ids, epoch seconds, UTF-8 with BOM; two are only a picture."""
    header = (
        "comment_id,create_time,create_date_time,note_id,content,sub_comment_count,comment_like_count,last_modify_ts,"
        "ip_location,parent_comment_id,user_id,nickname,gender,profile_url,avatar"
    )
    rows: list[Sequence[object]] = [header.split(",")]
    posts = {}
    for number, comment in enumerate(draw_comments(rng, "weibo", authors)):
        seconds = int(comment.written.timestamp())
        post = posts.setdefault((comment.product, comment.written.month), 5_190_000_000_000_001 + 7_919 * len(posts))
        rows.append(
            (
                5_191_000_000_000_000 + (seconds - 1_785_000_000) * 100_000_000 + rng.randrange(10_000_000),
                seconds,
                str(comment.written),
                post,
                "" if number in {57, 201} else comment.text,
                rng.choice((0, 0, 0, 0, 1, 3)),
                int(rng.paretovariate(0.9)) - 1,
                1_794_790_800_000 + number,
                rng.choice(PROVINCES),
                "",
                9_000_000_000 + 104_729 * authors.index(comment.author),
                comment.author,
                rng.choice(("m", "f")),
                "",
                "",
            )
        )
    write_csv(path, rows, encoding="utf-8-sig")


def write_shop(path: Path, rng: random.Random, authors: Sequence[str]) -> None:
    """Shop reviews as a Chinese Excel saves CSV: GB18030, dates such as 2026/9/8 21:03, a dozen order ids damaged."""
    rows: list[Sequence[object]] = [("订单编号", "平台", "商品名称", "评分", "评价内容", "评价时间", "买家昵称")]
    for number, comment in enumerate(draw_comments(rng, "shop", authors)):
        order = 2_608_030_000_000_000_000 + number * 4_000_000_000_037 + rng.randrange(1_000_000_000)
        damaged = 120 <= number < 132  # as when somebody pasted a dozen rows from another workbook
        written = f"{comment.written:%Y}/{comment.written.month}/{comment.written.day} {comment.written:%H:%M}"
        written = UNDATED.get(number, written)
        star = 5 if comment.text in SHOP_DEFAULTS else rng.choice(STARS[comment.label])
        products = PRODUCTS_OF.get(comment.product, (comment.product,))
        row = (
            f"{order:.5E}" if damaged else order,
            rng.choice(SHOPS),
            rng.choice(products),
            star,
            comment.text,
            written,
            mask_name(comment.author),
        )
        rows.append(row)
        if number in {60, 199, 310}:  # the export doubled a row
            rows.append(row)
        if number in {150, 301}:  # an empty line in the middle
            rows.append([""] * len(row))
    write_csv(path, rows, encoding="gb18030")


def write_takeaway(path: Path, rng: random.Random, authors: Sequence[str]) -> None:
    """Takeaway reviews in the Meituan crawler's layout: stars 10–50, epoch milliseconds; some are stars alone."""
    rows: list[Sequence[object]] = [
        ("评论店铺", "评论用户姓名", "评论用户id", "评论用户星级", "评论用户菜品", "评论用户内容", "评论时间")
    ]
    for number, comment in enumerate(draw_comments(rng, "takeaway", authors)):
        milliseconds = int(comment.written.timestamp()) * 1000
        user = 600_000_000 + 7_907 * authors.index(comment.author)
        star = 10 * rng.choice(STARS[comment.label])
        rows.append((comment.product, comment.author, user, star, "", comment.text, milliseconds))
        if number % 16 == 5:
            rows.append((comment.product, "匿名用户", "", 50, "", "", milliseconds + 61_000))
    write_csv(path, rows, encoding="utf-8")


def write_hotel(path: Path, rng: random.Random, authors: Sequence[str]) -> None:
    """Hotel reviews as a head office mails them: merged titles, header in row 4, a total line, a second sheet."""
    header = ("序号", "门店", "房型", "预订渠道", "评分", "点评内容", "入住日期", "点评时间", "住客")
    with xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd hh:mm"}) as book:
        book.set_properties({"created": datetime(2026, 11, 16, 9, 0), "title": "住客点评明细"})
        centred = book.add_format({"align": "center", "bold": True})
        day_format = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet = book.add_worksheet("住客点评")
        sheet.merge_range("A1:I1", "栖南酒店集团 住客点评明细（2026年8月—11月）", centred)
        sheet.merge_range("A2:I2", "导出时间：2026-11-16 09:00    导出部门：运营部    口径：已离店订单")
        sheet.write_row(3, 0, header, centred)
        line = 4
        for number, comment in enumerate(draw_comments(rng, "hotel", authors), start=1):
            written = comment.written.replace(tzinfo=None)
            star = rng.choice(STARS[comment.label]) - rng.choice((0, 0, 0.5))
            room = rng.choice(("高级大床房", "豪华双床房", "亲子房", "商务单人房"))
            channel = rng.choice(("酒店官网", "旅行App", "旅行App", "小程序"))
            sheet.write_row(line, 0, (number, comment.product.split("·")[1], room, channel, max(star, 1), comment.text))
            sheet.write_datetime(line, 6, written - timedelta(days=2), day_format)
            if number != 41:  # one review lost its date
                sheet.write_datetime(line, 7, written)
            sheet.write_string(line, 8, mask_name(comment.author))
            line += 2 if number == 50 else 1  # an empty line in the middle
        sheet.write_row(line, 0, ("合计", f"{number} 条"))
        write_hotel_branches(book)


def write_hotel_branches(book: xlsxwriter.Workbook) -> None:
    sheet = book.add_worksheet("门店信息")
    sheet.write_row(0, 0, ("门店", "城市", "房间数", "开业年份"))
    for line, row in enumerate(
        (("湖畔店", "临湖市", 86, 2019), ("高铁站店", "临湖市", 142, 2021), ("古镇店", "青石县", 24, 2017)), start=1
    ):
        sheet.write_row(line, 0, row)


def write_notes(path: Path, rng: random.Random, authors: Sequence[str]) -> None:
    """Notes of a lifestyle platform as JSON Lines, one field a list; one empty line and one cut-off line."""
    lines = []
    for number, comment in enumerate(draw_comments(rng, "notes", authors)):
        record = {
            "id": f"{rng.getrandbits(96):024x}",
            "platform": "小红书",
            "product": comment.product,
            "content": comment.text,
            "published_at": comment.written.isoformat(),
            "likes": int(rng.paretovariate(0.6)) - 1,
            "nickname": comment.author,
            "ip": rng.choice(PROVINCES),
            "tags": [comment.product.split(" ")[0], "真实分享"],
        }
        lines.append(json.dumps(record, ensure_ascii=False))
        if number == 70:  # the export was interrupted here and started anew
            lines += ["", lines[-1][:41]]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")


def write_dialogue(path: Path, rng: random.Random, authors: Sequence[str]) -> None:
    """Customer-service dialogues, one turn a row: who speaks, through which channel, about which product."""
    sessions: dict[str, list[dict[str, str]]] = {}
    for row in read_source("dialogue"):
        sessions.setdefault(row["session"], []).append(row)
    started = {key: draw_time(rng, turns[0]["phase"], HOURS["dialogue"]) for key, turns in sessions.items()}
    rows: list[Sequence[object]] = [("会话编号", "轮次", "渠道", "产品", "角色", "说话人", "内容", "时间")]
    for session in sorted(sessions, key=lambda key: started[key]):
        now = started[session]
        customer, number = rng.choice(authors), f"S{now:%Y%m%d}-{int(session):03d}"
        for turn, row in enumerate(sessions[session], start=1):
            speaker = f"客服{1 + int(session) % 9:02d}" if row["role"] == "客服" else mask_name(customer)
            rows.append(
                (number, turn, row["channel"], row["product"], row["role"], speaker, row["comment"], f"{now:%F %T}")
            )
            now += timedelta(seconds=rng.randrange(8, 150))
    write_csv(path, rows, encoding="utf-8-sig")


def write_labelled(path: Path) -> None:
    """What the writers meant, one line a distinct comment; what a platform or a service agent pastes is left out."""
    meant: dict[str, str] = {}
    for name in ("weibo", "shop", "takeaway", "hotel", "notes", "dialogue"):
        for row in read_source(name):
            if row.get("role") != "客服" and row["comment"] not in PLATFORM_TEXTS:
                meant[row["comment"]] = LABEL_TITLES[row["label"]]
    write_csv(path, [("text", "label"), *meant.items()], encoding="utf-8-sig")


#: The sample files and how each is written. A generator of its own keeps one file's rows from moving another's.
FILES: dict[str, Callable[[Path, random.Random, Sequence[str]], None]] = {
    "weibo_comments.csv": write_weibo,
    "shop_reviews_gbk.csv": write_shop,
    "takeaway_reviews.csv": write_takeaway,
    "hotel_reviews.xlsx": write_hotel,
    "notes.jsonl": write_notes,
    "service_dialogue.csv": write_dialogue,
}


def build(folder: Path) -> list[Path]:
    """Write every sample file into ``folder`` and name them."""
    authors = read_authors()
    for position, (name, write) in enumerate(FILES.items()):
        write(folder / name, random.Random(SEED + position), authors)
    write_labelled(folder / "labelled.csv")
    return [folder / name for name in (*FILES, "labelled.csv")]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=HERE, help="folder to write to (default: beside this script)")
    build(parser.parse_args().out)


if __name__ == "__main__":
    main()

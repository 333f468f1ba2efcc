"""A finished job of a million turns of service dialogues, synthesised from sentences here: ``bench.talks FOLDER``.

One row is a turn. As in ``bench.labelled``, a word rule gives the labels; what the page derives from the rows is made
by the real model, or by ``Ear`` where a million turns must be scored at once.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import numpy as np

from bench import labelled
from core.derive import derive
from core.derive.dialogues import Dialogues
from core.score import load
from core.store import Store

TURNS = 1_000_000
SEED = 20261126
AGENTS = 60
HEADER = ("会话ID", "角色", "客服姓名", "内容", "时间", "平台", "商品")
_SOURCES = ("微博", "小红书", "京东", "美团")
_THINGS = ("快递", "退款", "耳机", "发票", "优惠券", "换货单", "充电器", "会员", "订单", "赠品", "维修单", "保温杯")
_OPENINGS = (
    "你好,我的{thing}怎么还没动静?单号 {number}。",
    "请问{thing}什么时候能处理?我 {number} 号下的单。",
    "{thing}有问题,用了 {days} 天就这样了,怎么办?",
    "在吗?想问一下{thing}的事,编号 {number}。",
    "都 {days} 天了,{thing}一点消息都没有!",
)
_ANSWERS = (
    "您好,正在为您核实{thing}的情况,请稍等。",
    "非常抱歉给您带来不便,{thing}已经登记,编号 {number}。",
    "您好,{thing}一般 {days} 天之内处理完,请您耐心等待。",
    "这个没办法,{thing}您自己看页面上的说明吧。",
    "亲,{thing}这边马上帮您催,一会儿给您回复。",
    "感谢您的反馈,{thing}已经转给同事跟进了哦。",
)
_MIDDLES = (
    "等了 {days} 天还是这句话,太让人失望了。你们到底管不管?",
    "好的,那我再等等{thing}的消息。",
    "上次说 {days} 天,这次又说 {days} 天,骗人吗!",
    "嗯嗯,编号是 {number},麻烦快一点。",
    "为什么别人的{thing}早就好了?我的还在原地。",
    "再这样我就要投诉了。{thing}的事我已经说了 {days} 遍!",
    "明白了,{thing}如果今天能好就最好。",
)
_ENDINGS = (
    "好的,谢谢,{thing}收到了,处理得很快!",
    "算了,不想说了,以后不会再来了。",
    "行吧,{thing}有消息告诉我。",
    "谢谢,辛苦了,{number} 这单没问题了。",
    "还是没解决!{thing}我要给差评。",
)


def lines(turns: int) -> Iterator[tuple[str, ...]]:
    """Yield rows, about eight per dialogue; customer and agent alternate, the customer begins and ends."""
    random = np.random.default_rng(SEED)
    done = number = 0
    while done < turns:
        number += 1
        size = min(turns - done, 2 * int(random.integers(2, 7)) + 1 - int(random.integers(0, 2)))
        agent, thing = f"客服{int(random.integers(0, AGENTS)):02d}", str(random.choice(_THINGS))
        # the same days as in bench.texts, so that one filter fits both jobs
        day = datetime(2026, 8 + number // 28 % 3, number % 28 + 1)
        moment = day + timedelta(seconds=int(random.integers(8 * 3600, 22 * 3600)))
        for i in range(size):
            serving = i % 2 == 1
            forms = _OPENINGS if i == 0 else _ANSWERS if serving else _ENDINGS if i >= size - 2 else _MIDDLES
            text = str(random.choice(forms)).format(
                thing=thing, number=int(random.integers(10**5, 10**6)), days=int(random.integers(2, 30))
            )
            moment += timedelta(seconds=int(random.exponential(90)) + 5)
            role, name = ("客服", agent) if serving else ("客户", "")
            yield f"{number:07d}", role, name, text, f"{moment:%Y-%m-%d %H:%M:%S}", _SOURCES[number % 4], thing
        done += size


def build(data_dir: Path, turns: int = TURNS) -> str:
    """Make the job in a data folder, or find it there; return its id."""
    return labelled.kept(data_dir, f"talks_{turns}.csv", partial(_write, turns), f"{turns:,} 轮对话(测速用)")


def hear_all(data_dir: Path, job: str) -> str:
    """Make the derived table of all dialogues of a job as the page would, without a model; return its view."""
    store = Store(data_dir)
    try:
        table = store.table(job)
        try:
            return derive(job, Dialogues(Ear(load("builtin").version), whole=True), store=store, table=table)
        finally:
            table.close()
    finally:
        store.close()


class Ear(labelled.WordRule):
    """The word rule under another model's version.

    Args:
        version: The version of the model it stands in for.
    """

    def __init__(self, version: str) -> None:
        self.version = version


def _write(turns: int, path: Path) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        writer.writerows(lines(turns))


if __name__ == "__main__":
    labelled.main(__doc__, build, "--turns", TURNS)

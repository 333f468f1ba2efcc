"""Service dialogues written for the tests."""

from __future__ import annotations

import csv
import json
from pathlib import Path

HEADER = ("会话ID", "角色", "客服姓名", "内容", "时间")
#: A dismissed complaint, a resolved one, a question, and one left unanswered for half an hour.
TALKS: dict[str, tuple[tuple[str, str, str, str], ...]] = {
    "推诿": (
        ("客户", "", "你好,我的快递三天没动了,怎么回事?", "2026-03-01 10:00:00"),
        ("客服", "小美", "您好,正在为您核实,请稍等。", "2026-03-01 10:00:30"),
        ("客户", "", "都等了一个小时了!太差劲了,我要投诉你们!", "2026-03-01 11:00:00"),
        ("客服", "小美", "这个没办法,你自己看物流吧。", "2026-03-01 11:02:00"),
    ),
    "化解": (
        ("客户", "", "耳机刚买就坏了,质量太差,气死我了", "2026-03-01 12:00:00"),
        ("客服", "阿强", "非常抱歉给您带来不便,马上为您换新。", "2026-03-01 12:00:20"),
        ("客户", "", "好的,谢谢,换得很快,满意!", "2026-03-01 12:05:00"),
    ),
    "询问": (
        ("客户", "", "请问可以开发票吗", "2026-03-02 09:00:00"),
        ("客服", "阿强", "可以的亲,已经为您开好了。", "2026-03-02 09:00:40"),
        ("客户", "", "好的,谢谢", "2026-03-02 09:01:00"),
    ),
    "久等": (
        ("客户", "", "退款怎么还没到?", "2026-03-02 15:00:00"),
        ("客户", "", "有人吗?", "2026-03-02 15:10:00"),
        ("客服", "小美", "您好,已经为您提交加急处理。", "2026-03-02 15:30:00"),
    ),
}


def write_turns(path: Path, talks: dict[str, tuple[tuple[str, str, str, str], ...]] | None = None) -> Path:
    """Write one row per turn."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(HEADER)
        for name, turns in (TALKS if talks is None else talks).items():
            lines.writerows((name, role, agent, text, time) for role, agent, text, time in turns)
    return path


def write_jsonl(path: Path) -> Path:
    """Write one object per dialogue, without times."""
    speakers = {"客户": "customer", "客服": "helpdesk"}
    objects = [
        {"id": name, "turns": [{"speaker": speakers[role], "text": text} for role, _, text, _ in turns]}
        for name, turns in TALKS.items()
    ]
    path.write_text("\n".join(json.dumps(one, ensure_ascii=False) for one in objects), encoding="utf-8")
    return path


def write_cells(path: Path) -> Path:
    """Write one cell per dialogue, with marks and times."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(("工单号", "聊天记录"))
        for name, turns in TALKS.items():
            said = "\n".join(f"[{time}] {role}{agent}:{text}" for role, agent, text, time in turns)
            lines.writerow((name, said))
    return path

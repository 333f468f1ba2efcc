"""Who says what and when: roles inferred from names, and transcripts split into turns."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from core.mine.dialogue.moments import MOMENT, moment_of
from core.results import AGENT, CUSTOMER, OTHER

__all__ = ["Turn", "cut", "person_of", "role_of", "with_roles"]

_CUSTOMER: Final = (
    r"客户|顾客|用户|买家|消费者|会员|访客|乘客|旅客|车主|来电人|来电者|投诉人|咨询人|住户|业主|患者|家长|学员|"
    r"customer|client|user|buyer|visitor|caller|consumer|human|guest"
)
_AGENT: Final = (
    r"人工客服|在线客服|智能客服|商家客服|客户服务|客服人员|客服专员|客服代表|客户经理|客服|坐席|座席|卖家|商家|商户|店家|店铺|店主|店小二|"
    r"小二|掌柜|机器人|智能助手|助手|专员|接线员|话务员|工作人员|顾问|官方|"
    r"customer service|service|agent|helpdesk|help desk|assistant|seller|staff|support|operator|merchant|csr|bot|shop"
)
_SYSTEM: Final = r"系统消息|系统通知|系统提示|系统|system"
_NAMES: Final = ((AGENT, _AGENT), (CUSTOMER, _CUSTOMER), (OTHER, _SYSTEM))
_ROLE: Final = tuple(
    (role, re.compile(rf"(?:{names})(?![a-z])[\s\-_—:：#()()【】\[\]]*(?P<who>.*)", re.I)) for role, names in _NAMES
)
_MARK: Final = rf"(?:{_AGENT}|{_CUSTOMER}|{_SYSTEM})"
_WHO: Final = r"[^\s:：,，。！？!?;；|\[\]【】]"
#: A role and optionally a person's name: 客服, 客服小美, 客服(小美), 坐席01; a time after it is not part of it.
_SPEAKER: Final = rf"{_MARK}(?![a-z])(?! ?\d{{1,2}}[:：]\d\d)(?:[(（]{_WHO}{{1,12}}?[)）]|[ \-_#]?{_WHO}{{0,12}}?)"
_COLON: Final = r"\s*[:：]\s*"
#: A speaker mark within a line: at its start, after a space or at the end of a sentence; time before or after it.
_INLINE = re.compile(
    rf"(?:^|(?<=[\s。！？!?|;；\]】)）>…~～]))(?:[\[【(（]?(?P<before>{MOMENT})[\]】)）]?\s*)?"
    rf"[\[【(（<]?(?P<name>{_SPEAKER})[\]】)）>]?"
    rf"(?:\s*[\[【(（]?(?P<after>{MOMENT})[\]】)）]?)?{_COLON}",
    re.IGNORECASE | re.MULTILINE,
)
#: The start of a line; matching from each of the blank lines before it would take quadratic time.
_BEGIN: Final = r"^[^\S\n]*"
#: A line of its own that gives the next speaker and the time: 客服小美 2026-03-01 10:22:01
_HEADER = re.compile(
    rf"{_BEGIN}(?:[\[【(（]?(?P<before>{MOMENT})[\]】)）]?\s*)?(?P<name>{_SPEAKER})"
    # the spaces before a time are matched only if one follows: a long run of them took quadratic time
    rf"(?:\s*(?=[\d\[【(（\]】)）])[\[【(（]?(?P<after>{MOMENT})?[\]】)）]?)?\s*$",
    re.IGNORECASE | re.MULTILINE,
)
#: A line that starts with any name, for speakers whose names do not indicate their role.
_NAMED = re.compile(
    rf"{_BEGIN}(?:[\[【(（]?(?P<before>{MOMENT})[\]】)）]?\s*)?(?P<name>[^\s:：,，。！？!?]{{1,24}}){_COLON}",
    re.MULTILINE,
)
_MOST_NAMES: Final = 6
#: Expressions typical of the agent's side and not of the customer's.
_SERVING = re.compile(
    r"您好|亲亲|亲[,，~～!！ ]|请您|为您|给您|帮您|您的|抱歉|感谢您|请问有什么|很高兴|祝您|请稍等|这边|核实|sorry",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of one speaker.

    Attributes:
        role: CUSTOMER, AGENT or OTHER.
        speaker: Speaker as named in the file; for an agent with a name, that name.
        text: Verbatim.
        time: Naive; None = not given. Without a date, it is on 1900-01-01.
    """

    role: int
    speaker: str
    text: str
    time: datetime | None = None


def role_of(speaker: str) -> int | None:
    """Infer the role from a speaker's name; None when it indicates none.

    Example:
        >>> role_of("在线客服小美"), role_of("customer"), role_of("系统消息"), role_of("张三")
        (1, 0, 2, None)
    """
    plain = speaker.strip()
    return next((role for role, pattern in _ROLE if pattern.fullmatch(plain)), None)


def person_of(speaker: str) -> str:
    """Return the person's name that follows a role; the whole string if there is none.

    Example:
        >>> person_of("客服-小美"), person_of("客服"), person_of("李四")
        ('小美', '客服', '李四')
    """
    plain = speaker.strip()
    for _, pattern in _ROLE:
        found = pattern.fullmatch(plain)
        if found:
            return found["who"].strip(" )）]】") or plain
    return plain


def with_roles(turns: Sequence[Turn], known: dict[str, int] | None = None) -> tuple[Turn, ...]:
    """Assign a role to every turn: by its speaker's name, else by how that speaker talks.

    Args:
        turns: Those of one dialogue, or of a whole table where the same names mean the same people.
        known: Roles already known, by speaker.

    Returns:
        The turns with their roles. Among speakers whose names indicate no role, the one who talks most like an agent is
        the agent and the others are customers; if nobody does, the first to speak is the customer.
    """
    roles = dict(known or {})
    silent: dict[str, list[str]] = {}
    for turn in turns:
        role = role_of(turn.speaker)
        if role is not None:
            roles.setdefault(turn.speaker, role)
        elif turn.speaker not in roles:
            silent.setdefault(turn.speaker, []).append(turn.text)
    roles |= _guessed(silent, set(roles.values()))
    return tuple(replace(turn, role=roles[turn.speaker]) for turn in turns)


def cut(cell: str, *, alone: bool = False) -> tuple[Turn, ...]:
    """Split a transcript into turns; marks are 客服:, 用户:, 【买家】, a line of name and time, or names before colons.

    Args:
        cell: The whole dialogue.
        alone: Accept a dialogue of a single speaker, and treat a text without marks as a turn of an unknown speaker:
            for a cell of a column that holds transcripts.

    Returns:
        The turns in order, roles set; () if there are no marks of two speakers. Consecutive turns of one speaker are
        not merged, as each message has its time; an empty one, such as a picture, is kept. Text before the first
        mark is not part of the dialogue.

    Example:
        >>> [(turn.role, turn.text) for turn in cut("用户:快递呢? 客服:您好,在查")]
        [(0, '快递呢?'), (1, '您好,在查')]
    """
    marks = _marks(cell)
    ends = [mark.start() for mark in marks[1:]] + [len(cell)]
    turns = []
    for mark, end in zip(marks, ends[: len(marks)], strict=True):
        text = cell[mark.end() : end].strip().rstrip("|").strip()
        time = moment_of(mark["before"] or mark.groupdict().get("after") or "")
        turns.append(Turn(OTHER, mark["name"].strip(), text, time))
    if alone and not turns and cell.strip():
        return (Turn(OTHER, "", cell.strip()),)
    named = with_roles(turns)
    return named if alone or len({turn.speaker for turn in named}) > 1 else ()


def _marks(cell: str) -> list[re.Match[str]]:
    """Return the marks of a transcript: names at the start of every line, else role names anywhere."""
    named = list(_NAMED.finditer(cell))
    lines = sum(bool(line.strip()) for line in cell.split("\n"))
    speakers = {mark["name"] for mark in named}
    # a line that quotes 客服: is still one line of one speaker
    if len(named) == lines and 1 < len(speakers) <= _MOST_NAMES:
        return named
    found = {mark.start(): mark for pattern in (_HEADER, _INLINE) for mark in pattern.finditer(cell)}
    return _apart([found[start] for start in sorted(found)])


def _apart(marks: Iterable[re.Match[str]]) -> list[re.Match[str]]:
    """Drop marks that start within the one before."""
    kept: list[re.Match[str]] = []
    for mark in marks:
        if not kept or mark.start() >= kept[-1].end():
            kept.append(mark)
    return kept


def _guessed(silent: dict[str, list[str]], taken: set[int]) -> dict[str, int]:
    """Return the roles of speakers whose names indicate none, from what each of them says."""
    if not silent:
        return {}
    if AGENT in taken:
        return dict.fromkeys(silent, CUSTOMER)
    if CUSTOMER in taken:
        return dict.fromkeys(silent, AGENT)
    rates = {name: sum(bool(_SERVING.search(text)) for text in texts) / len(texts) for name, texts in silent.items()}
    names = list(silent)
    # the first to speak is the customer, the other the agent, unless their wording suggests the opposite
    agent = max(names, key=rates.__getitem__) if max(rates.values()) > 0 else names[-1 if len(names) < 3 else 1]
    return {name: AGENT if name == agent and len(names) > 1 else CUSTOMER for name in names}

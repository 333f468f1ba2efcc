"""Detect which columns of a table hold the dialogue, the speaker and the agent, from their names and values."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from core.mine.dialogue.moments import MOMENT
from core.mine.dialogue.turns import cut, role_of
from core.results import AGENT, CUSTOMER

__all__ = ["Layout", "find_layout"]

_MOMENT = re.compile(MOMENT)
_JOINTS = re.compile(r"[\s_\-.:/#·()()【】\[\]]+")


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_DIALOGUE: Final = _words(
    "会话id 会话编号 会话号 对话id 对话编号 对话号 会话 对话 会话标识 聊天id 聊天编号 通话id 通话编号 录音编号 "
    "工单号 工单编号 咨询编号 服务单号 dialogueid dialogid conversationid sessionid chatid callid threadid ticketid "
    "dialogue conversation session dialog ticket id 编号"
)
_SPEAKER: Final = _words(
    "角色 说话人 发言人 发送方 发送者 发送人 发言者 发言方 身份 消息来源 发送者类型 消息类型 说话方 "
    "speaker role sender from sendertype speakerrole author party"
)
_AGENT: Final = _words(
    "客服姓名 客服名称 客服昵称 客服工号 坐席姓名 坐席工号 座席姓名 座席工号 坐席 座席 客服 接待客服 接待人 工号 "
    "agentname agentid agent staff"
)
#: Columns, besides that of the roles, that name the person, customer or agent.
_PERSON: Final = _words(
    "说话人 发言人 发送人 发送者 发言者 昵称 姓名 用户名 名称 speaker sender nickname username name"
)
#: Least share of non-empty cells that must give a role, or be a transcript.
_MOST: Final = 0.8
#: Most distinct speakers, as a share of the filled cells, in a column that gives roles only.
_FEW: Final = 0.5
#: A sample of fewer rows does not show how often speakers recur.
_SHORT: Final = 8


@dataclass(frozen=True, slots=True)
class Layout:
    """How a table stores dialogues.

    Attributes:
        transcript: Column of whole dialogues, one per row; None = one row is a turn.
        dialogue: Column that identifies the dialogue; None = a single dialogue, or one per row.
        speaker: Column that gives the speaker; None for transcripts.
        agent: Column that names the agent in agents' rows; None = the speaker's name does.
        time: Column of clock times; None = none was found here (full dates with times are found when a table is read).
    """

    transcript: str | None = None
    dialogue: str | None = None
    speaker: str | None = None
    agent: str | None = None
    time: str | None = None


def find_layout(sample: Mapping[str, Sequence[str]], text: Sequence[str]) -> Layout | None:
    """Detect how a table stores dialogues.

    Args:
        sample: Column → some of its values, rows in file order.
        text: Columns with what people wrote, as detected or chosen; tried first.

    Returns:
        The layout; None if the table holds no dialogues.

    Example:
        >>> find_layout({"会话ID": ["1", "1"], "角色": ["客户", "客服"], "内容": ["在吗", "您好"]}, ["内容"])
        Layout(transcript=None, dialogue='会话ID', speaker='角色', agent=None, time=None)
        >>> find_layout({"聊天记录": ["用户:在吗\\n客服:您好"]}, ["聊天记录"]).transcript
        '聊天记录'
    """
    order = [*(name for name in text if name in sample), *(name for name in sample if name not in text)]
    for name in order:
        if _share(sample[name], _is_transcript) >= _MOST:
            rest = {column: values for column, values in sample.items() if column != name}
            return Layout(transcript=name, dialogue=_named(rest, _DIALOGUE), agent=_named(rest, _AGENT))
    others = {name: values for name, values in sample.items() if name not in text}
    speaker = _speaker(others)
    if speaker is None:
        return None
    rest = {name: values for name, values in others.items() if name != speaker}
    # a column that differs in every row identifies messages, not dialogues
    grouping = {name: values for name, values in rest.items() if len(values) < 2 or _repeats(values)}
    dialogue = _named(grouping, _DIALOGUE) or next((n for n, v in grouping.items() if _are_runs(v)), None)
    agent = _named({name: values for name, values in rest.items() if name != dialogue}, (*_AGENT, *_PERSON))
    time = next((name for name, values in rest.items() if _share(values, _is_moment) >= _MOST), None)
    return Layout(dialogue=dialogue, speaker=speaker, agent=agent, time=time)


def _speaker(sample: Mapping[str, Sequence[str]]) -> str | None:
    """Return the speaker column: both roles among its values, or a known name and few distinct values."""
    for name, values in sample.items():
        roles = {role_of(value) for value in values if value}
        if {CUSTOMER, AGENT} <= roles and _share(values, _is_role) >= _MOST:
            return name
    named = _named(sample, _SPEAKER)
    if named is None:
        return None
    held = [value for value in sample[named] if value]
    different = len(set(held))
    return named if different > 1 and (len(held) < _SHORT or different <= _FEW * len(held)) else None


def _named(sample: Mapping[str, Sequence[str]], names: Sequence[str]) -> str | None:
    """Return the column that matches the earliest of some names."""
    plain = {_JOINTS.sub("", column).lower(): column for column in reversed(list(sample))}
    return next((plain[name] for name in names if name in plain), None)


def _share(values: Sequence[str], test: Callable[[str], bool]) -> float:
    held = [value for value in values if value.strip()]
    return sum(map(test, held)) / len(held) if held else 0.0


def _is_transcript(value: str) -> bool:
    return len(cut(value)) > 1


def _is_moment(value: str) -> bool:
    return _MOMENT.fullmatch(value.strip()) is not None


def _is_role(value: str) -> bool:
    return role_of(value) is not None


def _repeats(values: Sequence[str]) -> bool:
    held = [value for value in values if value]
    return bool(held) and len(set(held)) < len(held)


def _are_runs(values: Sequence[str]) -> bool:
    """Tell whether equal values are contiguous and there are several of them, as for the dialogues of a log."""
    starts = [value for value, before in zip(values, ["", *values], strict=False) if value and value != before]
    return 1 < len(starts) == len(set(starts))

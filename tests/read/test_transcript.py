"""Dialogues in JSON: the dialogue is the row, its turns become a transcript that people can read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.read import inspect, read
from core.read.transcript import transcript

TALK = {"id": "d1", "turns": [{"speaker": "customer", "text": "还没到\n急"}, {"speaker": "helpdesk", "text": "在查"}]}
SAID = "customer:还没到 急\nhelpdesk:在查"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.jsonl", json.dumps(TALK) + "\n" + json.dumps(TALK)),
        ("b.json", json.dumps([TALK, TALK])),
        ("c.json", json.dumps({"code": 0, "data": {"list": [TALK, TALK]}}, indent=1)),
    ],
)
def test_a_dialogue_is_one_row_with_its_transcript(tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / name
    path.write_text(text, "utf-8")
    (source,) = inspect([path])
    (chunk,) = read(source, chunk_rows=10)
    assert source.mapping.text == ("turns",)
    assert chunk.frame.to_numpy().tolist() == [["d1", SAID]] * 2


def test_one_dialogue_alone_is_a_table_of_its_turns(tmp_path: Path) -> None:
    path = tmp_path / "one.json"
    path.write_text(json.dumps(TALK, indent=1), "utf-8")
    (source,) = inspect([path])
    assert source.columns == ("speaker", "text")


def test_answers_below_a_comment_stay_json(tmp_path: Path) -> None:
    path = tmp_path / "in.jsonl"
    below = [{"user": "b", "text": "同意"}]
    path.write_text(json.dumps({"content": "太慢了", "replies": below}, ensure_ascii=False), "utf-8")
    (source,) = inspect([path])
    (chunk,) = read(source, chunk_rows=10)
    assert json.loads(chunk.frame["replies"].iloc[0]) == below


@pytest.mark.parametrize(
    ("time", "said"),
    [
        ("2026-03-01T10:22:01.5+08:00", "[2026-03-01 10:22:01] a:b"),
        ("10:22", "[10:22] a:b"),
        (1772331721, "[2026-03-01 10:22:01] a:b"),
        ("1772331721000", "[2026-03-01 10:22:01] a:b"),
        ("刚刚", "a:b"),
        (None, "a:b"),
    ],
)
def test_times_of_turns_are_written_one_way(time: object, said: str) -> None:
    assert transcript([{"speaker": "a", "text": "b", "time": time}]) == said


def test_a_speakers_name_cannot_end_before_its_colon() -> None:
    assert transcript([{"role": "客服 小美:三组", "content": "在"}]) == "客服-小美-三组:在"

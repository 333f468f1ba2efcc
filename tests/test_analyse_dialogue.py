"""``python -m core analyse dialogue``: a row a dialogue, whatever the file looks like."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from core.commands import main
from core.score.table import ENTRIES, Entry
from tests import talks
from tests.jobs_kit import Rule, forget_rule, open_rule

FIXED = ["会话ID", "满意度", "最低点", "末轮情绪", "是否未解决"]


pytestmark = pytest.mark.usefixtures("own_data_folder")


def analysed(path: Path, *options: str) -> pd.DataFrame:
    assert main(["analyse", "dialogue", str(path), "-o", "out.csv", *options]) == 0
    raw = Path("out.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    return pd.read_csv(io.BytesIO(raw), dtype={"会话ID": str})


@pytest.mark.parametrize("write", [talks.write_turns, talks.write_jsonl, talks.write_cells])
def test_each_dialogue_has_one_row_in_the_order_of_the_file(tmp_path: Path, write: Callable[[Path], Path]) -> None:
    found = analysed(write(tmp_path / ("in.jsonl" if write is talks.write_jsonl else "in.csv")))
    assert list(found.columns)[:5] == FIXED
    assert found["会话ID"].tolist() == list(talks.TALKS)
    assert found["满意度"].between(-2, 2).all()
    assert (found["最低点"] <= found["末轮情绪"]).all()
    assert found["是否未解决"].tolist()[:3] == ["是", "否", "否"]
    assert found["复核名次"].tolist()[0] == 1
    assert "客服第 4 轮推给客户自己" in found["复核理由"][0]


@pytest.fixture
def rule(monkeypatch: pytest.MonkeyPatch) -> Rule:
    """A model that notes what it was asked, in the registry in place of the built-in one."""
    forget_rule()
    monkeypatch.setitem(ENTRIES, "builtin", Entry("规则", "tests.jobs_kit:open_rule", ""))
    return open_rule(Path(), "builtin")


@pytest.mark.parametrize("write", [talks.write_turns, talks.write_jsonl, talks.write_cells])
def test_a_file_nobody_labelled_is_heard_once_and_never_as_whole_transcripts(
    tmp_path: Path, rule: Rule, write: Callable[[Path], Path]
) -> None:
    analysed(write(tmp_path / ("in.jsonl" if write is talks.write_jsonl else "in.csv")))
    said = {text for turns in talks.TALKS.values() for _, _, text, _ in turns}
    assert len(rule.asked) == len(set(rule.asked))
    assert said <= set(rule.asked)
    both = [{turns[0][2], turns[1][2]} for turns in talks.TALKS.values() if turns[0][0] != turns[1][0]]
    assert not [text for text in rule.asked for pair in both if all(one in text for one in pair)]


def test_a_file_that_was_labelled_before_is_heard_once_for_all_times(tmp_path: Path, rule: Rule) -> None:
    path = talks.write_turns(tmp_path / "in.csv")
    assert main(["label", str(path), "-o", "labelled.csv"]) == 0
    first = analysed(path)
    heard = len(rule.asked)
    assert analysed(path).equals(first)
    assert len(rule.asked) == heard > 0


def test_long_numbers_of_dialogues_stay_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "in.jsonl"
    talk = '{"id": "%s", "turns": [{"speaker": "customer", "text": "还没到"}, {"speaker": "helpdesk", "text": "在查"}]}'
    path.write_text("\n".join(talk % name for name in ("3348411114256630", "0012")), "utf-8")
    assert analysed(path)["会话ID"].tolist() == ["3348411114256630", "0012"]


def test_who_judged_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "in.csv"
    path.write_text("id,role,content\n1,user,where is it\n1,agent,please wait\n2,user,太慢了\n2,agent,抱歉\n", "utf-8")
    found = analysed(path)
    assert found["满意度来源"][0] == "情绪分"
    assert found["满意度来源"][1].startswith("训练过的模型")
    assert "1 段对话没有客户发言或不是中文" in capsys.readouterr().err


def test_a_table_without_dialogues_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "in.csv").write_text("编号,评论\n1,很好吃\n2,太慢了\n", "utf-8")
    assert main(["analyse", "dialogue", "in.csv", "-o", "out.csv"]) == 2
    assert capsys.readouterr().err.splitlines()[-1].startswith("[N15] ")
    assert not Path("out.csv").exists()

"""Dialogues out of a labelled table: found however they are written down, judged, and asked about."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import pytest

from core.analyse import agents, dialogues, service, talk
from core.analyse.dialogue import pick
from core.derive import derive
from core.derive.dialogues import Dialogues
from core.derive.listening import Listener, listen
from core.derive.talks import count_talks, holds_talks, source_of
from core.derive.talks import talks as read_talks
from core.errors import InputError, StoreError
from core.jobs import job_id, new_spec, run
from core.read import inspect
from core.results import AGENT, CUSTOMER, LEVELS
from core.schema import Backend, Filter, Within
from core.score import load
from core.settings import Settings
from core.store import LabelledTable, Store
from tests import talks
from tests.jobs_kit import Rule
from tests.score.folders import onnx_folder

Made = Callable[..., tuple[LabelledTable, str]]


@pytest.fixture(scope="module")
def model() -> Backend:
    return load("builtin")


@pytest.fixture
def made(store: Store, model: Backend) -> Made:
    """Label a file and make its table of dialogues."""

    def make(path: Path, backend: Backend | None = None) -> tuple[LabelledTable, str]:
        spec = new_spec(inspect([path]), model, settings=Settings())
        run(spec, store=store, backend=model)
        table = store.table(job_id(spec))
        return table, derive(job_id(spec), Dialogues(backend or model, whole=True), store=store, table=table)

    return make


@pytest.mark.parametrize("write", [talks.write_turns, talks.write_jsonl, talks.write_cells])
def test_the_same_dialogues_are_found_in_every_kind_of_file(
    made: Made, tmp_path: Path, write: Callable[[Path], Path]
) -> None:
    path = write(tmp_path / ("in.jsonl" if write is talks.write_jsonl else "in.csv"))
    table, view = made(path)
    found = dialogues(table, Filter(), view=view, by_file=True).dialogues
    assert [one.name for one in found] == list(talks.TALKS)
    assert [one.turns for one in found] == [len(turns) for turns in talks.TALKS.values()]
    assert [one.unresolved for one in found][:3] == [True, False, False]
    assert found[0].satisfaction < found[2].satisfaction
    assert all(-2 <= one.satisfaction <= 2 for one in found)


def test_the_worst_dialogue_stands_first_and_says_why(made: Made, tmp_path: Path) -> None:
    table, view = made(talks.write_turns(tmp_path / "in.csv"))
    first = dialogues(table, Filter(), view=view, limit=1)
    assert first.total == len(talks.TALKS)
    (worst,) = first.dialogues
    assert worst.name == "推诿"
    assert worst.lowest_turn == 3
    assert worst.quote in talks.TALKS["推诿"][2][2]
    assert {"不满没有化解", "客服第 4 轮推给客户自己", "客服第 4 轮一口回绝"} <= set(worst.reasons)


def test_a_dialogue_is_shown_turn_by_turn_verbatim_with_its_rows(made: Made, tmp_path: Path) -> None:
    table, view = made(talks.write_turns(tmp_path / "in.csv"))
    one = talk(table, view=view, number=0)
    assert one is not None
    assert [turn.text for turn in one.turns] == [text for _, _, text, _ in talks.TALKS["推诿"]]
    assert [turn.role for turn in one.turns] == [CUSTOMER, AGENT, CUSTOMER, AGENT]
    assert [turn.row for turn in one.turns] == [0, 1, 2, 3]
    assert one.turns[1].wait == 30
    assert "".join(text for text, _ in one.turns[2].sentences) == one.turns[2].text
    assert one.turns[3].fault == "推给客户自己、一口回绝"
    assert talk(table, view=view, number=99) is None


def test_figures_and_agents_count_dialogues_with_intervals(made: Made, tmp_path: Path) -> None:
    table, view = made(talks.write_turns(tmp_path / "in.csv"))
    whole = service(table, Filter(), view=view)
    assert (whole.n, sum(whole.levels), whole.timed) == (4, 4, 4)
    assert (whole.unresolved.n, whole.faulty.count) == (4, 1)
    assert whole.faulty.low < 0.25 < whole.faulty.high
    assert whole.waited == 50.0 + 30.0  # the middle of 40, 120 and of 20, 1800 seconds
    found = {one.name: one for one in agents(table, Filter(), view=view).agents}
    assert (found["小美"].n, found["小美"].faulty.count, found["阿强"].faulty.count) == (2, 1, 0)
    assert found["小美"].satisfaction.low < found["小美"].satisfaction.value < found["小美"].satisfaction.high
    means = {name: one.satisfaction.value for name, one in found.items()}
    assert found["小美"].apart == pytest.approx(means["小美"] - means["阿强"])
    assert found["小美"].p_adjusted == found["阿强"].p_adjusted  # two agents are held against each other


def test_a_filter_keeps_the_dialogues_of_which_any_turn_fits(made: Made, tmp_path: Path) -> None:
    table, view = made(talks.write_turns(tmp_path / "in.csv"))
    assert [one.name for one in dialogues(table, Filter(keyword="发票"), view=view).dialogues] == ["询问"]
    nobody = Filter(keyword="没有人说过")
    assert (service(table, nobody, view=view).n, dialogues(table, nobody, view=view).dialogues) == (0, ())
    level = dialogues(table, Filter(), view=view, by_file=True).dialogues[2]
    by_level = Filter(within=Within(view, (("dialogue", str(level.number)),)))
    assert [one.name for one in dialogues(table, by_level, view=view).dialogues] == ["询问"]
    later = Filter(start="2026-03-02", end="2026-03-02")
    assert {one.name for one in dialogues(table, later, view=view).dialogues} == {"询问", "久等"}


@pytest.mark.parametrize(
    "chosen", [Filter(), Filter(keyword="发票"), Filter(keyword="没有人说过"), Filter(labels=("负面",))]
)
def test_dialogues_looked_for_once_are_those_that_each_analysis_finds(
    made: Made, tmp_path: Path, chosen: Filter
) -> None:
    table, view = made(talks.write_turns(tmp_path / "in.csv"))
    picked = pick(table, chosen, view=view)
    for ask in (service, agents, dialogues):
        assert repr(ask(table, picked, view=view)) == repr(ask(table, chosen, view=view))


def test_a_model_without_emotions_judges_by_the_words(made: Made, store: Store, tmp_path: Path) -> None:
    plain = load(str(onnx_folder(tmp_path / "lexicon")))
    table, view = made(talks.write_turns(tmp_path / "in.csv"), plain)
    found = dialogues(table, Filter(), view=view).dialogues
    assert {one.how for one in found} == {"words"}
    assert found[0].name == "推诿"


def test_what_is_not_chinese_is_judged_by_the_plain_mood(made: Made, tmp_path: Path) -> None:
    path = tmp_path / "in.csv"
    lines = ["id,role,content", "1,user,where is my parcel", "1,agent,please wait", "2,user,太慢了", "2,agent,抱歉"]
    path.write_text("\n".join(lines), "utf-8")
    table, view = made(path)
    found = dialogues(table, Filter(), view=view, by_file=True).dialogues
    assert [one.how for one in found] == ["plain", "heard"] or [one.how for one in found] == ["plain", "words"]
    assert found[0].satisfaction == pytest.approx(found[0].plain)


def test_messages_in_the_wrong_order_are_put_right_by_their_times(made: Made, tmp_path: Path) -> None:
    turned = {name: tuple(reversed(turns)) for name, turns in talks.TALKS.items()}
    table, view = made(talks.write_turns(tmp_path / "in.csv", turned))
    one = talk(table, view=view, number=0)
    assert one is not None
    assert [turn.text for turn in one.turns] == [text for _, _, text, _ in talks.TALKS["推诿"]]


def test_a_table_of_comments_is_refused_with_what_is_needed(made: Made, tmp_path: Path) -> None:
    path = tmp_path / "in.csv"
    path.write_text("编号,评论\n1,很好吃\n2,太慢了\n", "utf-8")
    with pytest.raises(InputError, match=r"\[N15\]"):
        made(path)


def test_a_name_that_is_no_view_is_refused_and_one_that_is_gone_is_said(made: Made, tmp_path: Path) -> None:
    table, _ = made(talks.write_turns(tmp_path / "in.csv"))
    for ask in (service, agents, dialogues):
        with pytest.raises(InputError, match=r"\[N06\]"):
            ask(table, Filter(), view="x; DROP")
        with pytest.raises(StoreError, match=r"\[S10\]"):
            ask(table, Filter(), view="dialogues_0123456789")


def test_a_single_dialogue_has_no_interval_of_its_mean(made: Made, tmp_path: Path) -> None:
    table, view = made(talks.write_turns(tmp_path / "in.csv", {"化解": talks.TALKS["化解"]}))
    whole = service(table, Filter(), view=view)
    assert whole.n == 1
    assert math.isnan(whole.satisfaction.low)
    assert len(whole.levels) == len(LEVELS)


def test_the_name_beside_the_role_is_the_agents_only_where_an_agent_speaks(made: Made, tmp_path: Path) -> None:
    path = tmp_path / "in.csv"
    lines = [
        "会话编号,角色,说话人,内容",
        "1,客户,雨后,还没到",
        "1,客服,客服02,您好,在查",
        "2,客户,晴天,有人吗",
        "2,客户,晴天,急",
    ]
    path.write_text("\n".join(lines).replace("您好,", "您好 "), "utf-8")
    table, view = made(path)
    assert [one.agent for one in dialogues(table, Filter(), view=view, by_file=True).dialogues] == ["客服02", ""]


def test_files_of_comments_beside_a_file_of_dialogues_are_left_out(
    store: Store, model: Backend, tmp_path: Path
) -> None:
    (tmp_path / "a.csv").write_text("评论,平台\n很好吃,美团\n太慢了,美团\n", "utf-8")
    talks.write_turns(tmp_path / "b.csv")
    spec = new_spec(inspect([tmp_path / "a.csv", tmp_path / "b.csv"]), model, settings=Settings())
    run(spec, store=store, backend=model)
    table = store.table(job_id(spec))
    view = derive(job_id(spec), Dialogues(model, whole=True), store=store, table=table)
    assert [one.name for one in dialogues(table, Filter(), view=view, by_file=True).dialogues] == list(talks.TALKS)


def test_dialogues_are_found_in_the_last_of_many_files(store: Store, tmp_path: Path) -> None:
    for i in range(55):
        (tmp_path / f"{i:02}.csv").write_text(f"评论,平台\n第{i}次很好吃,美团\n", "utf-8")
    for i in (55, 56):
        talks.write_turns(tmp_path / f"{i}.csv", {f"{name}{i}": turns for name, turns in talks.TALKS.items()})
    spec = new_spec(inspect(sorted(tmp_path.glob("*.csv"))), Rule(), settings=Settings())
    run(spec, store=store, backend=Rule())
    table = store.table(job_id(spec))
    source = source_of(table)
    assert source is not None
    assert len(source.files) == 2
    assert count_talks(table, source) == 2 * len(talks.TALKS)
    assert holds_talks(table)


@pytest.mark.parametrize("write", [talks.write_turns, talks.write_jsonl, talks.write_cells])
def test_some_dialogues_can_be_read_without_the_others(
    made: Made, tmp_path: Path, write: Callable[[Path], Path]
) -> None:
    table, _ = made(write(tmp_path / ("in.jsonl" if write is talks.write_jsonl else "in.csv")))
    source = source_of(table)
    assert source is not None
    whole = read_talks(table, source)
    assert count_talks(table, source) == len(whole) == len(talks.TALKS)
    some = read_talks(table, source, most=2)
    assert len(some) == 2
    assert some == [one for one in whole if one in some]
    assert read_talks(table, source, most=9) == whole


def test_what_was_heard_in_one_part_is_not_scored_again_in_the_next(made: Made, tmp_path: Path) -> None:
    table, _ = made(talks.write_turns(tmp_path / "in.csv"))
    source = source_of(table)
    assert source is not None
    whole, rule = read_talks(table, source), Rule()
    listener = Listener(rule)
    parts = [one for talk in (*whole, *whole) for one in listener([talk])]
    assert len(rule.asked) == len(set(rule.asked))
    assert [repr(one) for one in parts] == [repr(one) for one in listen(whole, Rule())] * 2


def test_a_large_table_is_sampled_evenly_and_says_of_how_many(
    made: Made, store: Store, model: Backend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table, _ = made(talks.write_turns(tmp_path / "in.csv"))
    monkeypatch.setattr("core.derive.dialogues.LIMIT_DIALOGUES", 2)
    job = store.catalogue.jobs()[0].id
    view = derive(job, Dialogues(model), store=store, table=table)
    facts = store.derived(job).facts(view)
    assert facts is not None
    assert (facts["dialogues"], facts["of"]) == (2, 4)
    assert len(dialogues(table, Filter(), view=view).dialogues) == 2


def test_an_even_sample_does_not_fall_in_with_what_comes_back_regularly(made: Made, tmp_path: Path) -> None:
    path = tmp_path / "in.csv"
    turns = [
        f"{i},{who},{text},{'甲乙丙丁'[i % 4]}" for i in range(200) for who, text in (("用户", "在吗"), ("客服", "在"))
    ]
    path.write_text("\n".join(["会话ID,角色,内容,来源", *turns]), "utf-8")
    table, _ = made(path)
    source = source_of(table)
    assert source is not None
    rows = [one.rows[0] for one in read_talks(table, source, most=50)]
    assert len(rows) == 50
    assert all(5 <= sum(row // 2 % 4 == rest for row in rows) <= 20 for rest in range(4))

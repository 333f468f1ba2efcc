"""Mentions of aspects as a derived table: found, judged, sampled, and the same when made again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.derive import Mentions, derive, view_of
from core.derive.mentions import COLUMNS, find_mentions, own_words
from core.derive.packs import all_packs, pack, reset_pack, save_pack, undo_pack
from core.derive.tags import tagged
from core.jobs import job_id
from core.mine.aspects import PACKS, Aspect, Pack, shipped
from core.schema import Col, JobState, Status
from core.store import Store
from tests.jobs_kit import Rule
from tests.store.rows import labelled, spec

SMALL = Pack("小", (Aspect("物流", ("物流",), blame=("慢",)), Aspect("质量", ("质量",))))
TEXTS = ("物流太慢,质量很好", "物流很好", "没有说到", "质量难吃//@别人:物流太慢", "")


def job(store: Store, n: int) -> str:
    frame = labelled(n)
    frame[Col.TEXT] = [TEXTS[i % len(TEXTS)] for i in range(n)]
    frame[Col.TEXT_KEY] = [f"{i % len(TEXTS):032x}" for i in range(n)]
    blank = frame[Col.TEXT] == ""
    frame[Col.LABEL] = np.where(blank, -1, 1).astype(np.int8)
    frame[Col.STATUS] = np.where(blank, str(Status.BLANK), str(Status.SCORED))
    for name in (Col.P_NEGATIVE, Col.P_NEUTRAL, Col.P_POSITIVE):
        frame[name] = np.where(blank, np.nan, 1 / 3).astype(np.float32)
    identity = job_id(spec())
    store.chunks(identity).write(frame, first_row=0, facts={})
    store.catalogue.add(identity, spec(), chunk_rows=n, state=JobState.DONE)
    return identity


def recipe(**options: object) -> Mentions:
    rule = Rule()
    values: dict[str, object] = {"packs": (SMALL,), "model": rule.version, "backend": Rule, "found": False, **options}
    return Mentions(**values)  # type: ignore[arg-type]


def made(store: Store, identity: str, wanted: Mentions) -> pd.DataFrame:
    table = store.table(identity)
    view = derive(identity, wanted, store=store, table=table)
    return table.query(f"SELECT * FROM {view} ORDER BY row, place")


def test_each_row_is_a_mention_with_its_piece_and_its_own_label(store: Store) -> None:
    found = made(store, job(store, 5), recipe())
    assert list(found.columns) == list(COLUMNS)
    said = found[["row", "aspect", "label", "piece"]].to_numpy().tolist()
    assert said == [
        [0, "物流", 0, "物流太慢"],
        [0, "质量", 2, "质量很好"],
        [1, "物流", 2, "物流很好"],
        [3, "质量", 0, "质量难吃"],
    ]
    sums = found[["p_negative", "p_neutral", "p_positive"]].sum(axis=1)
    assert sums.to_numpy() == pytest.approx(np.ones(4), abs=1e-5)


def test_what_somebody_passes_on_is_not_what_he_says() -> None:
    assert own_words("好吃//@店家:物流太慢") == "好吃"
    assert own_words("见 http://a.cn//b") == "见 http://a.cn//b"


def test_the_facts_say_pack_comments_and_mentions(store: Store) -> None:
    identity = job(store, 5)
    view = derive(identity, recipe(), store=store, table=store.table(identity))
    facts = store.derived(identity).facts(view) or {}
    assert (facts["pack"], facts["chosen"], facts["n"], facts["mentions"]) == ("小", False, 4, 4)
    assert facts["sampled_from"] is None


def test_several_packs_are_chosen_from_by_the_comments(store: Store) -> None:
    identity = job(store, 5)
    wanted = recipe(packs=(Pack("别", (Aspect("味道", ("味道",)),)), SMALL))
    view = derive(identity, wanted, store=store, table=store.table(identity))
    facts = store.derived(identity).facts(view) or {}
    assert (facts["pack"], facts["chosen"], facts["sure"]) == ("小", True, 1)


def test_a_sample_says_of_how_many_and_is_the_same_each_time(store: Store) -> None:
    identity = job(store, 200)
    first = made(store, identity, recipe(sample=40))
    assert 0 < first["row"].nunique() < 70
    view = view_of(recipe(sample=40), store.table(identity))
    facts = store.derived(identity).facts(view) or {}
    assert facts["sampled_from"] == 160
    store.derived(identity).path(view).unlink()
    pd.testing.assert_frame_equal(made(store, identity, recipe(sample=40)), first)


def test_a_comment_counts_once_for_an_aspect_with_what_it_says_in_all() -> None:
    class Scores:
        def __call__(self, pieces: list[str]) -> np.ndarray:
            return np.array([[0.9, 0.05, 0.05] if "慢" in p else [0.05, 0.05, 0.9] for p in pieces], np.float32)

    texts = ["物流很好,但是物流太慢", "物流太慢。物流又慢"]
    found = find_mentions(texts, np.full((2, 3), 1 / 3, np.float32), SMALL, Scores())
    assert found.groupby("row")["first"].sum().tolist() == [1, 1]
    assert found["verdict"].tolist() == [1, 1, 0, 0]


def test_equal_texts_are_found_once_and_every_row_comes_back(store: Store) -> None:
    found = made(store, job(store, 10), recipe())
    assert found["row"].tolist() == [0, 0, 1, 3, 5, 5, 6, 8]


def test_another_pack_or_model_makes_another_table_and_a_correction_does_not(store: Store) -> None:
    identity = job(store, 5)
    table = store.table(identity)
    first = view_of(recipe(), table)
    assert view_of(recipe(model="other"), table) != first
    assert view_of(recipe(packs=(Pack("小", SMALL.aspects[:1]),)), table) != first
    store.catalogue.correct(identity, [1], 0)
    assert view_of(recipe(), table) == first


def test_a_job_without_comments_gives_a_table_without_rows(store: Store) -> None:
    identity = job_id(spec())
    store.catalogue.add(identity, spec(), chunk_rows=5, state=JobState.DONE)
    assert made(store, identity, recipe(found=True)).empty


def test_tags_name_what_is_blamed_and_what_is_praised(store: Store) -> None:
    identity = job(store, 5)
    table = store.table(identity)
    view = derive(identity, recipe(), store=store, table=table)
    (frame,) = tagged(table.frames(), table, view)
    assert frame[Col.TAGS].tolist() == ["差评:物流;好评:质量", "好评:物流", "", "差评:质量", ""]


def test_a_changed_pack_is_in_force_until_it_is_reset_and_all_can_be_undone(tmp_path: Path) -> None:
    changed = Pack("快递", (Aspect("时效", ("速度",)),))
    assert pack(tmp_path, "快递") == shipped("快递")
    save_pack(tmp_path, changed)
    assert pack(tmp_path, "快递") == changed
    assert [one.title for one in all_packs(tmp_path)] == list(PACKS)
    reset_pack(tmp_path, "快递")
    assert pack(tmp_path, "快递") == shipped("快递")
    assert undo_pack(tmp_path, "快递")
    assert pack(tmp_path, "快递") == changed
    assert undo_pack(tmp_path, "快递")
    assert pack(tmp_path, "快递") == shipped("快递")
    assert not undo_pack(tmp_path, "快递")

"""What is left out is not seen in any shape, and is what is asked about."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from core.train import data, finetune, holdout, main, tasks

pytestmark = pytest.mark.torch
QUICK = ["--compiled", "0", "--bf16", "0", "--tokens", "1024", "--steps", "3", "--noise", "0"]


@pytest.mark.parametrize("recipe", ["first", "current"])
def test_a_family_left_out_is_measured_and_never_trained_on(trained: Path, recipe: str) -> None:
    source = ["--source", "pretrain", "--recipe", recipe, "--families", "shops"]
    assert main(["holdout", *QUICK, *source]) == 0
    facts = json.loads((trained / "work" / f"holdout.{recipe}.pretrain.3.dev.json").read_text("utf-8"))
    assert list(facts["sets"]) == ["ecom_reviews_3class"]
    assert facts["done"] == ["shops"]
    assert facts["sets"]["ecom_reviews_3class"]["n"] == 70
    assert facts["mean"] == facts["sets"]["ecom_reviews_3class"]["accuracy"]["value"]


def test_what_is_measured_already_is_not_done_again(trained: Path) -> None:
    source = ["--source", "pretrain", "--families", "shops"]
    main(["holdout", *QUICK, *source])
    (trained / "work" / "holdout.current.pretrain.3.shops.pt").unlink()
    main(["holdout", *QUICK, *source])
    assert not (trained / "work" / "holdout.current.pretrain.3.shops.pt").exists()


def test_no_row_of_a_family_left_out_is_a_training_row() -> None:
    settings = holdout.settings_of(holdout.HoldoutConfig(noise=False), "shops")
    origins = set(finetune.training_rows(settings).origin.tolist())
    assert not origins & set(holdout.FAMILIES["shops"])
    assert {"waimai10k", "own_comments", "made_up"} <= origins


def test_the_judges_of_labels_have_not_seen_a_family_left_out(trained: Path) -> None:
    settings = holdout.settings_of(holdout.HoldoutConfig(), "shops")
    holdout.judge(settings)
    judged = json.loads((trained / "work" / f"{settings.noise}.json").read_text("utf-8"))["sets"]
    assert {"waimai10k", "smp2020_usual", "cold_offensive"} <= judged.keys()
    assert not judged.keys() & set(holdout.FAMILIES["shops"])
    assert (finetune.training_rows(settings).weight > 0).all()


def test_emoticons_do_not_bring_a_set_back_that_is_left_out() -> None:
    with_it, without = tasks.train_rows(), tasks.train_rows(without=("weibo_senti_100k_partial",))
    assert "weibo_senti_faces" in with_it.origin
    assert "weibo_senti_faces" not in without.origin


def test_the_first_recipe_knows_only_the_sets() -> None:
    settings = holdout.settings_of(holdout.HoldoutConfig(recipe="first"), "waimai10k")
    rows = finetune.training_rows(settings)
    assert set(rows.origin.tolist()) <= set(data.SETS)
    assert len(np.unique(rows.origin)) > 1


def test_every_family_is_of_known_sets_and_no_set_is_in_two() -> None:
    names = [name for family in holdout.FAMILIES.values() for name in family]
    assert len(names) == len(set(names))
    assert set(names) <= set(data.SETS)

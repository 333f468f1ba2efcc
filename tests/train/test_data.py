"""The labelled sets read as targets of three heads."""

import dataclasses
import importlib
import tomllib
from pathlib import Path

from core import train
from core.train import data, phrases, tasks
from core.train.net import SPANS


def test_a_two_class_set_says_nothing_about_neutral(workplace: Path) -> None:
    table = data.read(workplace / "data" / "labelled", "waimai10k", "train")
    assert set(table["sentiment"]) == {0, 2}
    assert table["two"].all()
    assert (table["emotion"] == -1).all()


def test_a_three_class_set_has_neutral(workplace: Path) -> None:
    table = data.read(workplace / "data" / "labelled", "ecom_reviews_3class", "dev")
    assert set(table["sentiment"]) == {0, 1, 2}
    assert not table["two"].any()


def test_emotions_also_teach_their_polarity(workplace: Path) -> None:
    table = data.read(workplace / "data" / "labelled", "smp2020_usual", "train")
    pairs = set(zip(table["emotion"], table["sentiment"], strict=True))
    assert pairs == {(1, 0), (5, 2)}


def test_emoticons_that_made_the_labels_are_stripped_unless_asked_for(workplace: Path) -> None:
    name = "weibo_senti_100k_partial"
    assert not data.read(workplace / "data" / "labelled", name, "train")["text"].str.contains("泪").any()
    assert (
        data.read(workplace / "data" / "labelled", name, "train", keep_emoticons=True)["text"]
        .str.contains("[泪]", regex=False)
        .all()
    )


def test_a_missing_split_is_empty(workplace: Path) -> None:
    assert len(data.read(workplace / "data" / "labelled", "douban_book_review", "train")) == 0


def test_training_rows_carry_a_known_target_each() -> None:
    rows = tasks.train_rows()
    known = sum((rows.target[head] >= 0).astype(int) for head in SPANS)
    assert (known > 0).all()
    assert {"made_up", "altered", "weibo_senti_faces"} <= set(rows.origin.tolist())


def test_made_up_rows_are_the_same_for_the_same_seed() -> None:
    first, second = tasks.train_rows(), tasks.train_rows()
    assert first.text == second.text


def test_no_stress_sentence_is_a_training_word() -> None:
    from core.train import evaluate

    words = {word for group in phrases.lexicon().values() for word in group}
    assert not words & {row["text"] for row in evaluate.stress_rows()}


def test_the_settings_of_the_shipped_model_are_settings_of_the_steps() -> None:
    tables = tomllib.loads((Path(train.__file__).parent / "builtin.toml").read_text("utf-8"))
    assert tables.keys() <= set(train.STEPS)
    for step, table in tables.items():
        module = importlib.import_module(f"core.train.{step}")
        config = getattr(module, f"{step.capitalize()}Config")
        assert table.keys() <= {field.name for field in dataclasses.fields(config)}, step

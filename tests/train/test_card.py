"""The tables of the model card say what the steps found."""

from __future__ import annotations

import json

import pytest

from core.score import load
from core.score.builtin import WEIGHTS
from core.score.table import SHIPPED
from core.train import card


def accuracy(value: float, n: int = 100) -> dict[str, object]:
    return {"n": n, "accuracy": {"value": value, "low": value - 0.05, "high": value + 0.05}}


def test_the_table_of_doubts_has_a_row_for_every_set() -> None:
    row = {"n": 9432, "suspects": 380, "share": 0.0403, "low": 0.0365, "high": 0.0444, "wrong": 0.0534, "judge": 0.8876}
    lines = card.noise_table({"config": {"folds": 5}, "sets": {"waimai10k": row}})
    assert "5 folds" in lines[0]
    assert "| waimai10k | 9,432 | 380 | .040 (.036–.044) | .053 | .888 |" in lines


def test_another_shipped_model_stands_beside_the_default_one_and_the_baseline() -> None:
    def both(value: float) -> dict[str, object]:
        return accuracy(value) | {"macro_f1": {"value": value - 0.1, "low": value - 0.2, "high": value}}

    measured = {"sets": {"waimai10k": both(0.9), "weibo2018": both(0.8)}, "stress": both(0.7)}
    builtin = {"sets": {"waimai10k": both(0.91)}, "stress": both(0.92)}
    lines = card.beside_table(measured, builtin, {"waimai10k": both(0.89)})
    assert "| waimai10k | 100 | .900 (.850–.950) | .910 | .890 | .800 (.700–.900) | .810 | .790 |" in lines
    assert "| weibo2018 | 100 | .800 (.750–.850) | – | – | .700 (.600–.800) | – | – |" in lines
    assert lines[-1] == "| stress set | 100 | .700 (.650–.750) | .920 | – | .600 (.500–.700) | .820 | – |"


def test_the_table_of_sets_left_out_compares_what_every_run_measured() -> None:
    config = {"steps": 600, "source": "clean", "split": "dev"}
    sets = {"a": accuracy(0.7), "b": accuracy(0.8), "c": accuracy(0.1)}
    first = {"config": config | {"recipe": "first"}, "sets": sets}
    current = {"config": config | {"recipe": "current"}, "sets": {"a": accuracy(0.75), "c": accuracy(0.85)}}
    other = {"config": config | {"recipe": "current"}, "sets": {name: accuracy(0.9) for name in "abc"}}
    lines = card.holdout_table([first, current, other])
    heads = "labels alone, `clean` | current recipe, `clean` | current recipe, `clean`"
    assert f"| set left out | n | {heads} |" in lines
    assert "| a | 100 | .700 (.650–.750) | .750 (.700–.800) | .900 (.850–.950) |" in lines
    assert "| b | 100 | .800 (.750–.850) | – | .900 (.850–.950) |" in lines
    assert "| mean of a, b, c | | .533 | – | .900 |" in lines
    assert card.holdout_table([]) == []


def test_figures_with_jointly_judged_labels_say_so() -> None:
    def lines(**more: object) -> list[str]:
        config = {"steps": 600, "source": "clean", "split": "dev", "recipe": "current", **more}
        return card.holdout_table([{"config": config, "sets": {"a": accuracy(0.7)}}])

    assert lines(noise="noise")[0].endswith(card.LEAK)
    for now in (True, False, ""):
        assert lines(noise=now)[0].endswith("fine-tuning steps.")
    assert lines(noise="noise", recipe="first")[0].endswith("fine-tuning steps.")


def sitting(loss: float = 3.0) -> dict[str, object]:
    measured = {"waimai10k": 0.9, "online_shopping": 0.8, "smp2020_usual": 0.7, "own_comments": 0.6}
    reads = {"steps": 9, "tokens": 308_281_344, "seconds": 262, "loss": [[n * 1_000_000, loss] for n in range(1, 17)]}
    learns = {"steps": 12_173, "tokens": 398_884_864, "seconds": 218, "loss": [], "accuracy": measured}
    shape = {"layers": 8, "width": 512, "pupil_layers": 5, "pupil_width": 256}
    return {"config": shape, "device": "cuda", "stages": {"teacher reads": reads, "pupil learns": learns}}


def test_the_tables_of_a_sitting_have_a_line_a_stage_and_few_points() -> None:
    lines = card.stages_table(sitting())
    assert "| teacher reads | 9 | 308 | 262 | – | – | – | – | – |" in lines
    assert "| pupil learns | 12,173 | 399 | 218 | .850 | – | – | .700 | .600 |" in lines
    lines = card.reading_table(sitting())
    assert lines[-3] == "| teacher | 2: 3.00, 4: 3.00, 6: 3.00, 8: 3.00, 10: 3.00, 12: 3.00, 14: 3.00, 16: 3.00 |"
    assert lines[-2] == "| pupil |  |"


def test_what_a_lost_work_folder_knew_is_read_from_the_card() -> None:
    same = {part: {"a": {"accuracy": {"value": 0.5}}} for part in ("float", "int8")}
    now = {"export": same | {"same_label": 1.0, "mean_gap": 0.0}, "holdout": []}
    run = {"config": {"steps": 6, "source": "clean", "split": "dev", "recipe": "first"}, "sets": {"a": accuracy(0.7)}}
    doubts = {"n": 10, "suspects": 1, "share": 0.1, "low": 0.0, "high": 0.4, "wrong": 0.1, "judge": 0.9}
    noise = {"config": {"folds": 5}, "sets": {"waimai10k": doubts}}
    then = now | {"noise": noise, "holdout": [run], "sitting": sitting(), "wide": {"rows": 1}}
    text = "\n".join(card.made_lines(then, "nothing"))
    assert card.told(text) == {"sitting": {"config": sitting()["config"], "device": "cuda"}, "wide": {"rows": 1}}
    assert "\n".join(card.made_lines(now, text)) == text
    renewed = "\n".join(card.made_lines(now | {"wide": {"rows": 2}}, text))
    assert card.told(renewed)["wide"] == {"rows": 2}
    assert "| a | 100 | .700 (.650–.750) |" in renewed
    assert "| pupil learns | 12,173 |" in renewed
    assert card.told("nothing") == {}
    assert card.still_there("nothing", card.STAGES) == []


def test_the_card_names_a_version_as_every_command_does_and_as_its_file_does() -> None:
    facts = {"evaluate": {"version": "04a584def378"}, "shown": "65e27955d3b5a9c5"}
    line = card.version_line(facts, "dev")
    assert line == "Version `65e27955d3b5a9c5` (as shown by commands, pages and API; file `04a584def378`), split `dev`."


@pytest.mark.parametrize("name", SHIPPED)
def test_the_card_in_docs_is_of_the_shipped_file(name: str) -> None:
    file = json.loads((WEIGHTS / name / "labels.json").read_text("utf-8"))["version"]
    facts = {"evaluate": {"version": file}, "shown": load(name).version}
    assert card.version_line(facts, "test") in card.CARD.read_text("utf-8").splitlines()


def test_the_parts_that_the_step_renews_have_their_marks() -> None:
    for document, part in ((card.CARD, "measured"), (card.CARD, "tiny"), (card.TRAINING, "made")):
        renewed = card.replaced(document.read_text("utf-8"), part, ["new"])
        assert f"<!-- {part}: start -->\nnew\n<!-- {part}: end -->" in renewed

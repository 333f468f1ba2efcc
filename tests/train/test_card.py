"""The tables of the model card say what the steps found."""

from __future__ import annotations

from core.train import card, curve


def accuracy(value: float, n: int = 100) -> dict[str, object]:
    return {"n": n, "accuracy": {"value": value, "low": value - 0.05, "high": value + 0.05}}


def test_the_table_of_doubts_has_a_row_for_every_set() -> None:
    row = {"n": 9432, "suspects": 380, "share": 0.0403, "low": 0.0365, "high": 0.0444, "wrong": 0.0534, "judge": 0.8876}
    lines = card.noise_table({"config": {"folds": 5}, "sets": {"waimai10k": row}})
    assert "5 folds" in lines[0]
    assert "| waimai10k | 9,432 | 380 | .040 (.036–.044) | .053 | .888 |" in lines


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


def test_the_curve_has_a_line_a_point() -> None:
    points = [curve.Point(400, 3_300_000, {"douban_book_review": 0.81, "smp2020_usual": 0.7}, 0.8431)]
    lines = card.curve_table({"round6": points})
    assert lines[-2] == "| round6 | 400 | 3.3 | .843 | .810 | – | .700 |"
    assert card.curve_table({}) == []


def test_what_a_lost_work_folder_knew_is_read_from_the_card() -> None:
    same = {part: {"a": {"accuracy": {"value": 0.5}}} for part in ("float", "int8")}
    now = {"export": same | {"same_label": 1.0, "mean_gap": 0.0}, "holdout": [], "curves": {}}
    run = {"config": {"steps": 6, "source": "clean", "split": "dev", "recipe": "first"}, "sets": {"a": accuracy(0.7)}}
    points = [curve.Point(400, 3_300_000, {}, 0.8431)]
    doubts = {"n": 10, "suspects": 1, "share": 0.1, "low": 0.0, "high": 0.4, "wrong": 0.1, "judge": 0.9}
    noise = {"config": {"folds": 5}, "sets": {"waimai10k": doubts}}
    then = now | {
        "noise": noise,
        "holdout": [run],
        "curves": {"round6": points},
        "round4": {"step": 3},
        "round6": {"step": 1},
    }
    text = "\n".join(card.made_lines(then, "nothing"))
    assert card.told(text) == {"round4": {"step": 3}, "round6": {"step": 1}}
    assert "\n".join(card.made_lines(now, text)) == text
    renewed = "\n".join(card.made_lines(now | {"round6": {"step": 2}}, text))
    assert card.told(renewed)["round6"] == {"step": 2}
    assert "| a | 100 | .700 (.650–.750) |" in renewed
    assert card.told("nothing") == {}
    assert card.still_there("nothing", card.CURVE) == []

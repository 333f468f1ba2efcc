"""Write the measurements of the other steps into docs/model_card.md, docs/training.md and the folder's card.json."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import altair as alt
import pandas as pd
import vl_convert

from core.score import load
from core.train import data
from core.train.config import BUILTIN, LOG, data_dir, facts_path, labelled_dir, model_dir, parse, work_dir
from core.train.net import SPANS

CARD = Path(__file__).parents[2] / "docs" / "model_card.md"
TRAINING = CARD.with_name("training.md")
Facts = dict[str, Any]
#: The recipes of `holdout` and their titles.
RECIPES = {"first": "labels alone", "current": "current recipe"}
#: How the sentences above the tables begin.
DOUBTED, LEFT_OUT = "Train rows whose label is doubted", "Each set left out of training"
#: Stated beside figures measured before ``holdout`` judged labels anew for each family.
LEAK = (
    " In the current recipe, the judges that weight doubted labels had learned from the left-out set, too, so its "
    "accuracy may be overstated by one or two points."
)
STAGES, READING = "Stages of the GPU run", "Loss by tokens read"
#: Steps whose settings TRAINING records.
SETTINGS = ("bundle", "sitting", "wide")


@dataclass(frozen=True)
class CardConfig:
    """Settings of ``card``."""

    split: str = "test"
    model: str = BUILTIN  # the shipped model whose section is updated


def share(value: float) -> str:
    """Format a share with three decimals.

    Example:
        >>> share(0.89551)
        '.896'
    """
    return f"{value:.3f}".lstrip("0")


def results_table(measured: Facts, baseline: Facts) -> list[str]:
    """Return the table of sets: accuracy and macro-F1 with intervals, and the baseline."""
    lines = [
        "| set | n | accuracy (95 %) | macro-F1 (95 %) | TF-IDF accuracy | TF-IDF F1 |",
        "|---|---|---|---|---|---|",
    ]
    for name, row in measured["sets"].items():
        acc, f1, base = row["accuracy"], row["macro_f1"], baseline.get(name)
        beside = f"{share(base['accuracy']['value'])} | {share(base['macro_f1']['value'])}" if base else "– | –"
        lines.append(
            f"| {name} | {row['n']:,} | {share(acc['value'])} ({share(acc['low'])}–{share(acc['high'])}) "
            f"| {share(f1['value'])} ({share(f1['low'])}–{share(f1['high'])}) | {beside} |"
        )
    return lines


def beside_table(measured: Facts, builtin: Facts, baseline: Facts) -> list[str]:
    """Return the comparison of another shipped model with the default one and the baseline."""
    lines = [
        "| set | n | accuracy (95 %) | built-in | TF-IDF | macro-F1 (95 %) | built-in | TF-IDF |",
        "|---|---|---|---|---|---|---|---|",
    ]
    asked = [(name, row, builtin["sets"].get(name), baseline.get(name)) for name, row in measured["sets"].items()]
    if "stress" in measured:
        asked.append(("stress set", measured["stress"], builtin.get("stress"), baseline.get("stress")))
    for name, row, *others in asked:
        cells = []
        for key in ("accuracy", "macro_f1"):
            cells.append(f"{share(row[key]['value'])} ({share(row[key]['low'])}–{share(row[key]['high'])})")
            cells += [share(other[key]["value"]) if other else "–" for other in others]
        lines.append(f"| {name} | {row['n']:,} | {' | '.join(cells)} |")
    return lines


def stress_table(measured: Facts, baseline: Facts) -> list[str]:
    """Return the stress set by category, with the baseline."""
    mine, base = measured["stress"], baseline.get("stress")
    lines = ["| stress category | built-in | TF-IDF |", "|---|---|---|"]
    for name, value in mine["by_category"].items():
        lines.append(f"| {name} | {share(value)} | {share(base['by_category'][name]) if base else '–'} |")
    whole = share(base["accuracy"]["value"]) if base else "–"
    lines.append(f"| all {mine['n']} | {share(mine['accuracy']['value'])} | {whole} |")
    return lines


def reliability_table(measured: Facts) -> list[str]:
    """Return confidence and accuracy of the pooled sentiment rows by bin."""
    lines = ["| confidence | n | mean confidence | accuracy |", "|---|---|---|---|"]
    for row in measured["pooled"]["reliability"]:
        if row["n"]:
            span = f"{row['low']:.2f}–{row['high']:.2f}"
            lines.append(f"| {span} | {row['n']:,} | {share(row['confidence'])} | {share(row['accuracy'])} |")
    return lines


def reliability_picture(measured: Facts) -> str:
    """Draw accuracy against confidence as SVG, dot area by bin size; perfect calibration lies on the line."""
    bins = pd.DataFrame([row for row in measured["pooled"]["reliability"] if row["n"]])
    share: Facts = {"scale": alt.Scale(domain=[0.3, 1]), "axis": alt.Axis(format="%", tickCount=7)}
    dots = (
        alt.Chart(bins)
        .mark_circle(color="#0072B2", opacity=0.9)
        .encode(
            x=alt.X("confidence:Q", title="mean confidence", **share),
            y=alt.Y("accuracy:Q", title="accuracy", **share),
            size=alt.Size("n:Q", title="rows", scale=alt.Scale(range=[20, 600])),
        )
    )
    ends = pd.DataFrame({"confidence": [0.3, 1.0], "accuracy": [0.3, 1.0]})
    line = alt.Chart(ends).mark_line(color="#8A8F98", strokeDash=[4, 4]).encode(x="confidence:Q", y="accuracy:Q")
    chart = (line + dots).properties(width=360, height=360, background="white")
    return str(vl_convert.vegalite_to_svg(chart.to_json()))


def noise_table(facts: Facts) -> list[str]:
    """Return how many train labels of every set are suspect, see `core.train.noise`."""
    folds = facts["config"]["folds"]
    lines = [
        f"{DOUBTED} by a character model that did not see them ({folds} folds, confident "
        "learning), the share of wrong labels estimated from the joint of given and confident labels, and how often "
        "that model agrees with the label. An inaccurate judge doubts too much: read the first column with the last.",
        "",
        "| set | train rows | doubted | share (95 %) | wrong, estimated | judge agrees |",
        "|---|---|---|---|---|---|",
    ]
    for name, row in facts["sets"].items():
        lines.append(
            f"| {name} | {row['n']:,} | {row['suspects']:,} | {share(row['share'])} ({share(row['low'])}–"
            f"{share(row['high'])}) | {share(row['wrong'])} | {share(row['judge'])} |"
        )
    return [*lines, ""]


def holdout_table(runs: Sequence[Facts]) -> list[str]:
    """Return accuracy on left-out sets, run by run, and the mean over the sets common to the widest runs."""
    if not runs:
        return []
    names = list(dict.fromkeys(name for run in runs for name in run["sets"]))
    most = max(len(run["sets"]) for run in runs)
    common = [name for name in names if all(name in run["sets"] for run in runs if len(run["sets"]) == most)]
    # ``noise`` was the name of one file for all families, and is now a bool
    current = [run["config"].get("noise") for run in runs if run["config"]["recipe"] == "current"]
    leaks = any(isinstance(name, str) and name for name in current)
    titles = [f"{RECIPES[run['config']['recipe']]}, `{run['config']['source']}`" for run in runs]
    lines = [
        f"{LEFT_OUT} with those that share its texts, deep part alone, split "
        f"`{runs[0]['config']['split']}`: recipe, initial encoder and fine-tuning steps.{LEAK if leaks else ''}",
        "",
        f"| set left out | n | {' | '.join(titles)} |",
        f"|---|---|{'---|' * len(runs)}",
        f"| steps | | {' | '.join(str(run['config']['steps']) for run in runs)} |",
    ]
    for name in names:
        asked = [run["sets"].get(name) for run in runs]
        n = next(one["n"] for one in asked if one)
        lines.append(f"| {name} | {n:,} | {' | '.join('–' if one is None else spread(one) for one in asked)} |")
    means = [mean_of(run["sets"], common) for run in runs]
    return [*lines, f"| mean of {', '.join(common)} | | {' | '.join(means)} |", ""]


def mean_of(sets: Facts, names: Sequence[str]) -> str:
    """Return the mean accuracy over some sets; a dash if any was not measured."""
    known = [sets[name]["accuracy"]["value"] for name in names if name in sets]
    return share(sum(known) / len(known)) if len(known) == len(names) > 0 else "–"


def spread(measured: Facts) -> str:
    """Format an accuracy with its interval."""
    found = measured["accuracy"]
    return f"{share(found['value'])} ({share(found['low'])}–{share(found['high'])})"


def stages_table(sitting: Facts) -> list[str]:
    """Return the stages of a sitting and the accuracy of teachers and pupil, see `core.train.sitting`."""
    shown = ("douban_book_review", "ecom_reviews_3class", "smp2020_usual", "own_comments")
    lines = [
        f"{STAGES} ({sitting.get('card', sitting['device'])}), and accuracy on up to 2,500 dev rows a set, deep part "
        "alone, before quantization; nine two-class sets, one of them (eprstmt) of 134 rows.",
        "",
        f"| stage | steps | million tokens | seconds | mean of the two-class sets | {' | '.join(shown)} |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for name, stage in sitting["stages"].items():
        accuracy = stage.get("accuracy", {})
        two = [value for one, value in accuracy.items() if one in data.SETS and data.SETS[one].kind == "two"]
        means = [share(sum(two) / len(two))] if two else ["–"]
        cells = " | ".join(means + [share(accuracy[one]) if one in accuracy else "–" for one in shown])
        lines.append(f"| {name} | {stage['steps']:,} | {stage['tokens'] / 1e6:,.0f} | {stage['seconds']} | {cells} |")
    return [*lines, ""]


def reading_table(sitting: Facts, points: int = 8) -> list[str]:
    """Return masked-word loss by tokens read, for teacher and pupil."""
    lines = [
        f"{READING}, masked and shuffled words (nats per word; the teacher is {sitting['config']['layers']} × "
        f"{sitting['config']['width']}, the pupil {sitting['config']['pupil_layers']} × "
        f"{sitting['config']['pupil_width']}).",
        "",
        "| reader | million tokens: loss |",
        "|---|---|",
    ]
    for who in ("teacher", "pupil"):
        curve = sitting["stages"].get(f"{who} reads", {}).get("loss", [])
        every = max(1, len(curve) // points)
        some = [curve[i] for i in range(len(curve) - 1, -1, -every)][::-1]
        lines.append(f"| {who} | {', '.join(f'{tokens / 1e6:.0f}: {loss:.2f}' for tokens, loss in some)} |")
    return [*lines, ""]


def brief(measured: Facts) -> Facts:
    """Return accuracy, its interval and macro-F1 of every set and of the stress set, as the page 模型 shows them."""

    def row(full: Facts) -> Facts:
        accuracy = full["accuracy"]
        interval = [accuracy["low"], accuracy["high"]]
        return {
            "n": full["n"],
            "accuracy": accuracy["value"],
            "interval": interval,
            "macro_f1": full["macro_f1"]["value"],
        }

    result: Facts = {"sets": {name: row(full) for name, full in measured["sets"].items()}}
    if "stress" in measured:
        result["stress"] = row(measured["stress"]) | {"by_category": measured["stress"]["by_category"]}
        result["ece"] = measured["pooled"]["ece"]["value"]
    return result


def hashes() -> list[str]:
    """Return one line per data file with the start of its sha256."""
    files = [data.set_path(labelled_dir(), name, split) for name in data.SETS for split in ("train", "dev", "test")]
    files += [data_dir() / "corpus" / f"{name}.txt.xz" for name in data.CORPORA]
    return [f"{path.name} {data.file_hash(path)}" for path in files if path.exists()]


def gather(split: str, model: str = BUILTIN) -> Facts:
    """Collect all JSON files that the steps left in the work folder."""
    found = {name: facts_path(name) for name in ("noise", *SETTINGS)}
    found |= {"evaluate": facts_path("evaluate", model, split), "export": facts_path("export", model)}
    found["baseline"] = facts_path("baseline", split=split)
    facts: Facts = {name: json.loads(path.read_text("utf-8")) for name, path in found.items() if path.exists()}
    left_out = [path for recipe in RECIPES for path in sorted(work_dir().glob(f"holdout.{recipe}.*.dev.json"))]
    facts["shown"] = load(str(model_dir(model))).version
    facts["holdout"] = [json.loads(path.read_text("utf-8")) for path in left_out]
    return facts


def told(text: str) -> Facts:
    """Return the step settings recorded in docs/training.md; the work folder may have been lost since."""
    _, found, rest = text.partition("```json\n")
    facts: Facts = json.loads(rest.split("\n```")[0]) if found else {}
    return facts


def still_there(text: str, opening: str) -> list[str]:
    """Return a document's sentence with this opening and the table below it; empty if there is none."""
    _, found, rest = text.partition(f"\n{opening}")
    return [*(opening + "\n\n".join(rest.split("\n\n")[:2])).split("\n"), ""] if found else []


def version_line(facts: Facts, split: str) -> str:
    """Return which version was measured, by both ids: of the file alone, and of everything that affects its answers."""
    version, shown = facts["evaluate"]["version"], facts["shown"]
    return f"Version `{shown}` (as shown by commands, pages and API; file `{version}`), split `{split}`."


def measured_lines(facts: Facts, split: str) -> list[str]:
    """Return what the steps ``evaluate`` and ``baseline`` measured: every model folder has this part."""
    measured, baseline = facts["evaluate"], facts.get("baseline", {})
    lines = [version_line(facts, split), "", *results_table(measured, baseline), ""]
    if "stress" in measured:
        lines += [*stress_table(measured, baseline), ""]
    ece = measured["pooled"]["ece"]
    lines += [
        f"Expected calibration error over all {measured['pooled']['n']:,} sentiment rows: {ece['value']:.3f} "
        f"({ece['low']:.3f}–{ece['high']:.3f}).",
        "",
        "![Reliability: accuracy against confidence](reliability.svg)",
        "",
        *reliability_table(measured),
    ]
    return lines


def other_lines(facts: Facts, builtin: Facts, split: str) -> list[str]:
    """Return what is known about a shipped model other than the default."""
    measured = facts["evaluate"]
    ece, export = measured["pooled"]["ece"], facts["export"]
    return [
        version_line(facts, split),
        "",
        *beside_table(measured, builtin, facts.get("baseline", {})),
        "",
        f"Expected calibration error over all {measured['pooled']['n']:,} sentiment rows: {ece['value']:.3f} "
        f"({ece['low']:.3f}–{ece['high']:.3f}). int8 against float on dev texts: same sentiment label "
        f"{export['same_label']:.2%}, mean probability gap {export['mean_gap']:.4f}.",
    ]


def made_lines(facts: Facts, before: str) -> list[str]:
    """Return how the file was built: int8 against float, the settings of every step, the data's hashes.

    Args:
        facts: From `gather`.
        before: docs/training.md as it is; it supplies facts that only a lost work folder held.
    """
    facts = told(before) | facts
    export = facts["export"]
    gap = {
        name: row["accuracy"]["value"] - export["int8"][name]["accuracy"]["value"]
        for name, row in export["float"].items()
    }
    return [
        f"int8 against float on dev texts: same sentiment label {export['same_label']:.2%}, mean probability gap "
        f"{export['mean_gap']:.4f}, mean accuracy lost {sum(gap.values()) / len(gap):+.4f}, most on one set "
        f"{max(gap.values()):+.4f}.",
        "",
        *(noise_table(facts["noise"]) if "noise" in facts else still_there(before, DOUBTED)),
        *(holdout_table(facts["holdout"]) or still_there(before, LEFT_OUT)),
        *(stages_table(facts["sitting"]) if "stages" in facts.get("sitting", {}) else still_there(before, STAGES)),
        *(reading_table(facts["sitting"]) if "stages" in facts.get("sitting", {}) else still_there(before, READING)),
        "```json",
        json.dumps({name: brief_settings(facts[name]) for name in SETTINGS if name in facts}, indent=1),
        "```",
        "",
        "Data files (first 12 hex digits of sha256): " + ", ".join(hashes()),
    ]


def brief_settings(facts: Facts) -> Facts:
    """Omit what the tables show."""
    return {key: value for key, value in facts.items() if key != "stages"}


def replaced(text: str, part: str, lines: list[str]) -> str:
    """Replace the lines between the markers of one part of a document.

    Example:
        >>> replaced("a <!-- x: start -->old<!-- x: end --> b", "x", ["new"]).splitlines()
        ['a <!-- x: start -->', 'new', '<!-- x: end --> b']
    """
    start, end = f"<!-- {part}: start -->", f"<!-- {part}: end -->"
    before, after = text.split(start, maxsplit=1)[0], text.split(end)[1]
    return before + start + "\n" + "\n".join(lines) + "\n" + end + after


def main(argv: list[str]) -> int:
    """Update docs/model_card.md, docs/training.md and card.json in the model's folder.

    The part "made" is updated only if the work folder still knows how this very file was built. A model other than
    the default has a part under its own name.
    """
    config = parse(CardConfig, "card", argv)
    facts = gather(config.split, config.model)
    measured, baseline = facts["evaluate"], facts.get("baseline", {})
    text = CARD.read_text("utf-8")
    path = model_dir(config.model) / "card.json"
    card: Facts = {"name": f"tingfeng-{config.model}", "version": measured["version"], "split": config.split}
    card |= {"test": brief(measured), "baseline": {"sets": brief({"sets": baseline})["sets"]}}
    if config.model != BUILTIN:
        text = replaced(text, config.model, other_lines(facts, gather(config.split)["evaluate"], config.split))
    else:
        text = replaced(text, "measured", measured_lines(facts, config.split))
        CARD.with_name("reliability.svg").write_text(reliability_picture(measured), "utf-8")
    if facts.get("export", {}).get("version") == measured["version"]:
        if config.model == BUILTIN:
            before = TRAINING.read_text("utf-8")
            TRAINING.write_text(replaced(before, "made", made_lines(facts, before)), "utf-8")
        card["export"] = {key: facts["export"][key] for key in ("same_label", "mean_gap", "largest_gap")}
    elif path.exists():
        card["export"] = json.loads(path.read_text("utf-8")).get("export", {})
    card["heads"] = list(SPANS)
    CARD.write_text(text, "utf-8")
    path.write_text(json.dumps(card, ensure_ascii=False, indent=1) + "\n", "utf-8")
    LOG.info("card: %s", CARD)
    return 0

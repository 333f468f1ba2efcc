"""A tiny corpus and tiny labelled sets, defined here, on which every training step runs in seconds."""

from __future__ import annotations

import gzip
import lzma
import random
from pathlib import Path

import pytest

from core import train

THINGS = ("手机", "电影", "酒店", "物流", "客服", "味道", "衣服", "屏幕", "房间", "包装")
GOOD = ("很好", "喜欢", "满意", "不错", "好吃", "推荐")
QUICK = ["--compiled", "0", "--bf16", "0"]
BAD = ("很差", "失望", "难吃", "垃圾", "后悔", "退货")


def sentences(seed: int, n: int) -> list[tuple[str, int]]:
    """Generate comments and whether they are good."""
    rng = random.Random(seed)  # noqa: S311
    rows = []
    for _ in range(n):
        good = rng.randrange(2)
        words = GOOD if good else BAD
        rows.append(
            (f"这个{rng.choice(THINGS)}{rng.choice(words)}，{rng.choice(THINGS)}也{rng.choice(words)}{seed}", good)
        )
    return rows


def write_set(folder: Path, name: str, split: str, rows: list[tuple[str, str]]) -> None:
    """Write one labelled file."""
    with gzip.open(folder / f"{name}.{split}.csv.gz", "wt", encoding="utf-8") as out:
        out.write("text,label\n" + "".join(f"{text},{label}\n" for text, label in rows))


@pytest.fixture(scope="session")
def workplace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with data/, work/ and model/."""
    root = tmp_path_factory.mktemp("train")
    labelled, corpus = root / "data" / "labelled", root / "data" / "corpus"
    labelled.mkdir(parents=True)
    corpus.mkdir()
    (root / "work").mkdir()
    two = {
        split: [(t, str(y)) for t, y in sentences(i, n)]
        for i, (split, n) in enumerate((("train", 400), ("dev", 60), ("test", 60)))
    }
    for split, rows in two.items():
        write_set(labelled, "waimai10k", split, rows)
        write_set(
            labelled,
            "ecom_reviews_3class",
            split,
            [(t, "1" if y == "1" else "-1") for t, y in rows] + [(f"{w}收到了", "0") for w in THINGS],
        )
        write_set(labelled, "smp2020_usual", split, [(t, "happy" if y == "1" else "angry") for t, y in rows])
        write_set(labelled, "cold_offensive", split, [(t, "0" if y == "1" else "1") for t, y in rows])
    write_set(labelled, "weibo_senti_100k_partial", "train", [(f"{t}[泪]", y) for t, y in two["train"][:40]])
    for name in ("zh_social_reviews", "zh_more"):
        with lzma.open(corpus / f"{name}.txt.xz", "wt", encoding="utf-8") as out:
            out.write("".join(f"{t}\n" for t, _ in sentences(7, 1500)))
    return root


@pytest.fixture(autouse=True)
def folders(workplace: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Point every training step at the tiny workplace."""
    monkeypatch.setenv("TINGFENG_TRAIN_DIR", str(workplace / "work"))
    monkeypatch.setenv("TINGFENG_TRAIN_DATA", str(workplace / "data"))
    monkeypatch.setenv("TINGFENG_MODEL_DIR", str(workplace / "model"))
    return workplace


@pytest.fixture(scope="session")
def trained(workplace: Path) -> Path:
    """The workplace after every step from the vocabulary to the evaluated folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TINGFENG_TRAIN_DIR", str(workplace / "work"))
        patch.setenv("TINGFENG_TRAIN_DATA", str(workplace / "data"))
        patch.setenv("TINGFENG_MODEL_DIR", str(workplace / "model"))
        assert train.main(["vocab", "--size", "500", "--sample", "1", "--hanzi-min", "1"]) == 0
        assert train.main(["pack", "--min-tokens", "2"]) == 0
        assert train.main(["embed", "--min-pair", "1"]) == 0
        assert train.main(["pretrain", *QUICK, "--layers", "1", "--batch", "4", "--steps", "5"]) == 0
        assert train.main(["wide", "--min-texts", "2", "--iterations", "20"]) == 0
        quick = ["--minutes", "0.12", "--rate", "0.002", "--tokens", "1024", "--warmup", "5"]
        assert train.main(["finetune", *QUICK, *quick]) == 0
        assert train.main(["calibrate"]) == 0
        assert train.main(["export", "--texts", "40", "--compare", "100"]) == 0
        assert train.main(["evaluate", "--split", "test"]) == 0
    return workplace

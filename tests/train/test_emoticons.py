"""Posts labelled by their emoticons: which of them speak plainly, and which posts become rows."""

from __future__ import annotations

import lzma
from pathlib import Path

import numpy as np
import pytest

from core import train
from core.train import data, emoticons, tasks

SURE = emoticons.EmoticonsConfig(sure=0.9, seen=10)


def test_an_emoticon_speaks_plainly_when_its_texts_bear_one_label() -> None:
    texts = ["x[泪]"] * 10 + ["x[哈哈]"] * 10 + ["x[晕][晕]"] * 10 + ["x[鼓掌]"] * 9
    labels = [0] * 10 + [0] + [2] * 9 + [0] * 5 + [2] * 5 + [2] * 9
    assert emoticons.meanings(texts, labels, SURE) == {"[泪]": 0, "[哈哈]": 2}


@pytest.mark.parametrize(
    "post",
    [
        "[泪]又来[哈哈]了呢",  # says both
        "没有表情的一句话",
        "[围观]看看再说吧",  # says nothing plainly
        "[泪]短",
        "考卷上的话[泪]",  # known
        "第一次说的话[泪][泪]",  # said before
    ],
)
def test_a_post_that_is_not_plain_or_not_new_is_left_out(post: str) -> None:
    known = {"考卷上的话"}
    found = list(emoticons.labelled(["第一次说的话[泪]", post], {"[泪]": 0, "[哈哈]": 2}, 4, known))
    assert found == [("第一次说的话", 0)]


@pytest.fixture
def posts(workplace: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A data folder like the workplace's whose corpus has posts with emoticons, one of them a test text."""
    root = tmp_path / "data"
    (root / "corpus").mkdir(parents=True)
    (root / "labelled").symlink_to(workplace / "data" / "labelled")
    asked = data.read(workplace / "data" / "labelled", "waimai10k", "test")["text"][0]
    lines = [
        f"{asked}[泪]",
        *(f"第{i}个帖子说了些什么[泪]" for i in range(20)),
        *(f"第{i}个帖子[疑问]" for i in range(5)),
    ]
    for name in data.CORPORA:
        with lzma.open(root / "corpus" / f"{name}.txt.xz", "wt", encoding="utf-8") as out:
            out.write("".join(f"{line}\n" for line in lines))
    monkeypatch.setenv("TINGFENG_TRAIN_DATA", str(root))
    monkeypatch.setenv("TINGFENG_TRAIN_DIR", str(tmp_path))
    assert train.main(["emoticons", "--seen", "10", "--sure", "0.4"]) == 0
    return root


def test_the_step_writes_each_plain_post_once_and_no_test_text(posts: Path) -> None:
    table = emoticons.read()
    assert len(table) == 20
    assert not table["text"].str.contains("[", regex=False).any()
    assert table["two"].all()


def test_their_weight_is_that_of_a_set_of_their_number(posts: Path) -> None:
    rows = tasks.train_rows(power=0.5, augment=False, emoticons=0.25)
    mine = rows.origin == "emoticons"
    assert mine.sum() == 20
    np.testing.assert_allclose(rows.weight[mine], 0.25 * (20 / 10_000) ** -0.5, rtol=1e-6)
    assert "emoticons" not in tasks.train_rows(augment=False).origin


def test_they_are_left_out_with_the_set_that_gave_them_their_meaning(posts: Path) -> None:
    rows = tasks.train_rows(augment=False, emoticons=1.0, without=(emoticons.GUIDE,))
    assert "emoticons" not in rows.origin

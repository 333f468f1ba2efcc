"""Aspects: how well mentions are detected and classified, against baselines, on ../shared/data.

``python -m bench aspects`` measures. ``python -m bench.aspects`` fits the weights of core/mine/aspects/polarity.py on
the train part of absa_zhang_triplets and prints them. Word lists and weights were tuned on train parts only: for
aic2018_sample, which has no test part, on the half of the rows with an even CRC-32.
"""

from __future__ import annotations

import ast
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bench.tables import Section
from bench.texts import DATA
from core.derive.mentions import Scorer, find_mentions
from core.metrics import wilson
from core.mine.aspects import (
    Aspect,
    Hit,
    Matcher,
    Mention,
    Pack,
    discover,
    features,
    matcher,
    mentions,
    shipped,
    verdict,
)
from core.score import load

#: Categories of asap and aic2018, in order, and the pack's corresponding aspects. The annotators marked all
#: four ambience categories for a plain 环境不错, so 环境 counts for each of them.
MAP = {
    "location_traffic": ("交通",),
    "location_distance_from_business_district": ("商圈位置",),
    "location_easy_to_find": ("好找",),
    "service_wait_time": ("排队等位",),
    "service_waiters_attitude": ("服务态度",),
    "service_parking_convenience": ("停车",),
    "service_serving_speed": ("上菜速度",),
    "price_level": ("价格",),
    "price_cost_effective": ("性价比",),
    "price_discount": ("优惠活动",),
    "environment_decoration": ("装修", "环境"),
    "environment_noise": ("噪音", "环境"),
    "environment_space": ("空间", "环境"),
    "environment_cleaness": ("卫生", "环境"),
    "dish_portion": ("分量",),
    "dish_taste": ("口味", "食材新鲜", "温度"),
    "dish_look": ("外观",),
    "dish_recommendation": ("推荐",),
}
#: Naive search terms: the words of the categories' own names.
PLAIN = {
    "交通": "交通 地铁 公交",
    "商圈位置": "商圈 商场 附近 地段",
    "好找": "好找 难找 位置",
    "排队等位": "排队 等位",
    "服务态度": "服务 服务员 态度",
    "停车": "停车 车位",
    "上菜速度": "上菜 速度",
    "价格": "价格 价钱 贵 便宜",
    "性价比": "性价比 划算 值",
    "优惠活动": "优惠 团购 打折 活动",
    "环境": "环境",
    "装修": "装修 风格",
    "噪音": "安静 吵 嘈杂",
    "空间": "空间 宽敞 拥挤 座位",
    "卫生": "卫生 干净 脏",
    "分量": "分量 份量 量",
    "口味": "味道 口味 口感 好吃 难吃",
    "外观": "卖相 摆盘 好看",
    "推荐": "推荐",
}
NOT_MENTIONED = -2
MODEL = "builtin"
_NEEDED = ["row", "aspect", "p_negative", "p_neutral", "p_positive"]


@dataclass(frozen=True)
class Gold:
    """Comments and their label per category, or ``NOT_MENTIONED``; shape (n, 18)."""

    texts: list[str]
    said: NDArray[np.int64]


@dataclass(frozen=True)
class Terms:
    """Sentences with their aspect terms (start, end, label), and the opinions independent of the pack."""

    texts: list[str]
    terms: list[list[tuple[int, int, int]]]


def asap(part: str) -> Gold:
    frame = pd.read_csv(DATA / f"asap_sample.{part}.csv.gz")
    return Gold(frame["text"].tolist(), _labels(frame[list(MAP)].to_numpy()))


def aic(part: str) -> Gold:
    frame = pd.read_csv(DATA / "aic2018_sample.train.csv.gz")
    odd = np.array([zlib.crc32(text.encode()) % 2 for text in frame["text"]])
    rows = [[int(cell.split("_")[1]) for cell in line.split(",")][: len(MAP)] for line in frame["label"]]
    kept = odd == (part == "test")
    return Gold(frame["text"][kept].tolist(), _labels(np.array(rows)[kept]))


def _labels(said: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.where(said == NOT_MENTIONED, NOT_MENTIONED, said + 1)


def zhang(part: str) -> Terms:
    frame = pd.read_csv(DATA / f"absa_zhang_triplets.{part}.csv.gz")
    numbers = {"NEG": 0, "NEU": 1, "POS": 2, "Negative": 0, "Neutral": 1, "Positive": 2}
    terms = []
    for line in frame["triplets_charidx"]:
        said: dict[tuple[int, int], set[int]] = {}
        for (start, end), _, polarity in ast.literal_eval(line):
            if start >= 0:
                said.setdefault((start, end + 1), set()).add(numbers[polarity])
        terms.append([(*where, next(iter(labels))) for where, labels in sorted(said.items()) if len(labels) == 1])
    return Terms(frame["text"].tolist(), terms)


@cache
def _scorer() -> Scorer:
    return Scorer(load(MODEL))


def whole(texts: Sequence[str]) -> NDArray[np.float32]:
    return _scorer()(texts)


# --- categories -----------------------------------------------------------------------------------------------------


def by_clauses(gold: Gold, pack: Pack) -> NDArray[np.int64]:
    """Our method: the pack, clauses, the model on each, and the comment's own label; shape (n, 18)."""
    found = find_mentions(gold.texts, whole(gold.texts), pack, _scorer())
    return _said(gold, found[_NEEDED])


def by_keywords(gold: Gold, words: Pack) -> NDArray[np.int64]:
    """The baseline: a category is mentioned if one of its words occurs; one label per comment serves for all."""
    finder, p = matcher(words), whole(gold.texts)
    records = [
        (i, words.aspects[aspect].name, *p[i])
        for i, text in enumerate(gold.texts)
        for aspect in sorted({hit.aspect for hit in finder.hits(text)})
    ]
    return _said(gold, pd.DataFrame(records, columns=_NEEDED), plain=True)


def _said(gold: Gold, found: pd.DataFrame, *, plain: bool = False) -> NDArray[np.int64]:
    sums = np.zeros((len(gold.texts), len(MAP), 3))
    counts = np.zeros((len(gold.texts), len(MAP)))
    places = {name: [i for i, names in enumerate(MAP.values()) if name in names] for name in set().union(*MAP.values())}
    for row, aspect, *p in found.itertuples(index=False):
        for category in places.get(aspect, ()):
            sums[row, category] += p
            counts[row, category] += 1
    p = sums / np.maximum(counts, 1)[:, :, None]
    label = p.argmax(axis=2) if plain else verdict(p.reshape(-1, 3)).reshape(counts.shape)
    return np.where(counts > 0, label, NOT_MENTIONED)


def words_only(pack: Pack) -> Pack:
    """Reduce a pack to a keyword list: names and cues, without exceptions."""
    return Pack(pack.title, tuple(Aspect(one.name, (*one.terms, *one.good, *one.bad)) for one in pack.aspects))


def plain_words() -> Pack:
    return Pack("", tuple(Aspect(name, tuple(words.split())) for name, words in PLAIN.items()))


def row_of(name: str, gold: Gold, said: NDArray[np.int64]) -> list[str]:
    """Detection, polarity of true positives, and both together: the F1 of (category, polarity) pairs."""
    there, found = gold.said != NOT_MENTIONED, said != NOT_MENTIONED
    both = there & found
    right = both & (gold.said == said)
    clear = both & (gold.said != 1)
    f1 = [2 * hit.sum() / (there.sum() + found.sum()) for hit in (both, right)]
    each = 2 * both.sum(0) / np.maximum(1, there.sum(0) + found.sum(0))
    accuracy, sharp = wilson(int(right.sum()), int(both.sum())), wilson(int((right & clear).sum()), int(clear.sum()))
    return [
        name,
        f"{both.sum() / found.sum():.3f}",
        f"{both.sum() / there.sum():.3f}",
        f"{f1[0]:.3f}",
        f"{each.mean():.3f}",
        f"{accuracy.value:.3f} ({accuracy.low:.3f}–{accuracy.high:.3f})",
        f"{macro_f1(gold.said[both], said[both]):.3f}",
        f"{sharp.value:.3f}",
        f"{f1[1]:.3f}",
    ]


def macro_f1(true: NDArray[np.int64], given: NDArray[np.int64]) -> float:
    scores = [2 * ((true == c) & (given == c)).sum() / max(1, (true == c).sum() + (given == c).sum()) for c in range(3)]
    return float(np.mean(scores))


# --- terms ----------------------------------------------------------------------------------------------------------


class _Given(Matcher):
    """A matcher of the restaurant pack with the aspect terms given, each an aspect of its own."""

    def beside(self, aspect: int, text: str) -> list[tuple[int, int, int]]:
        return []


def judged_terms(
    data: Terms,
) -> tuple[list[Mention], list[str], NDArray[np.float32], NDArray[np.float32], NDArray[np.int64], NDArray[np.bool_]]:
    """Mentions at the annotated terms: pieces, probabilities of pieces and of comments, labels, if labels differ."""
    finder, p = _Given(shipped("餐饮")), whole(data.texts)
    found, pieces, places, labels, mixed = [], [], [], [], []
    for i, (text, terms) in enumerate(zip(data.texts, data.terms, strict=True)):
        hits = [Hit(k, start, end, 0) for k, (start, end, _) in enumerate(terms)]
        for one in mentions(text, finder, hits):
            found.append(one)
            pieces.append(text[one.start : one.end])
            places.append(i)
            labels.append(terms[one.aspect][2])
            mixed.append(len({label for *_, label in terms}) > 1)
    return found, pieces, _scorer()(pieces), p[places], np.array(labels), np.array(mixed)


def term_detection(data: Terms, pack: Pack) -> tuple[int, int, int]:
    """Return terms found, all mentions and all terms; a term is found if a mention's word overlaps it."""
    finder = matcher(pack)
    hits = given = wanted = 0
    for text, terms in zip(data.texts, data.terms, strict=True):
        words = sorted({one.word for one in mentions(text, finder) if one.judged and _is_name(finder, text, one)})
        left = [(start, end) for start, end, _ in terms]
        wanted, given = wanted + len(left), given + len(words)
        for start, end in words:
            match = next((term for term in left if term[0] < end and start < term[1]), None)
            if match is not None:
                left.remove(match)
                hits += 1
    return hits, given, wanted


def _is_name(finder: Matcher, text: str, one: Mention) -> bool:
    """Return whether a mention's word names the aspect: the annotators marked no cue such as 贵 as a term."""
    return text[slice(*one.word)] in finder.pack.aspects[one.aspect].terms


# --- the tables -----------------------------------------------------------------------------------------------------


def run() -> list[Section]:
    """Measure the categories, then the terms."""
    return [_categories(), _terms()]


def _categories() -> Section:
    pack, rows = shipped("餐饮"), []
    for name, gold in (("asap_sample dev", asap("dev")), ("aic2018_sample, half", aic("test"))):
        said = {
            "keywords of the names + comment label": by_keywords(gold, plain_words()),
            "all words of the pack + comment label": by_keywords(gold, words_only(pack)),
            "**pack, clauses, model**": by_clauses(gold, pack),
        }
        rows += [row_of(f"{name} (n={len(gold.texts)}): {way}", gold, found) for way, found in said.items()]
    what = (
        "What a comment says about 18 categories. Precision, recall and micro-F1 of the categories mentioned, macro-F1 "
        "over categories; accuracy over 负面 中性 正面 of those both annotated and found, with its 95 % interval, and "
        "macro-F1 of the three; accuracy without the annotated 中性; F1 of category and polarity together. The "
        "category map is `MAP` in bench/aspects.py. None of these rows was used for the word lists or weights; their "
        "totals were known during development."
    )
    header = ["", "P", "R", "F1", "macro-F1", "polarity", "polarity macro-F1", "负/正 only", "F1 of both"]
    return Section("Aspects of restaurant reviews", what, header, rows)


def _terms() -> Section:
    data = zhang("dev")
    found, pieces, piece, comment, label, mixed = judged_terms(data)
    from core.mine.aspects import judge

    ways = {
        "label of the whole comment": comment.argmax(axis=1),
        "model on the clause": piece.argmax(axis=1),
        "**clause, comment and words**": judge(found, pieces, piece, comment).argmax(axis=1),
    }
    rows = []
    for way, given in ways.items():
        for where, kept in (("all", np.ones(len(label), bool)), ("in sentences with both praise and blame", mixed)):
            right = wilson(int((given == label)[kept].sum()), int(kept.sum()))
            said = f"{right.value:.3f} ({right.low:.3f}–{right.high:.3f}, n={right.n:,})"
            rows.append(
                [f"polarity of annotated terms, {where}: {way}", said, f"{macro_f1(label[kept], given[kept]):.3f}"]
            )
    rows += [_detected(way, data, pack) for way, pack in _packs(data).items()]
    what = (
        "absa_zhang_triplets, dev part: sentences with marked aspect terms. Polarity: accuracy with its 95 % interval "
        "and macro-F1 at the marked terms (terms with two polarities left out). Detection: a mention is correct if "
        "its word overlaps a marked term not matched by another mention; the second number is P / R. The weight 2 of "
        "sentences with both praise and blame in the fit was chosen among 1, 2, 3 and 8 on this part."
    )
    return Section("Aspect terms of restaurant reviews", what, ["", "accuracy or F1", "macro-F1 or P / R"], rows)


def _packs(data: Terms) -> dict[str, Pack]:
    pack = shipped("餐饮")
    more = discover(data.texts, matcher(pack), most=150)
    return {
        "keywords of the names": plain_words(),
        "pack 餐饮": pack,
        "**pack 餐饮 and aspects discovered in the comments**": Pack("", (*pack.aspects, *more)),
    }


def _detected(way: str, data: Terms, pack: Pack) -> list[str]:
    hits, given, wanted = term_detection(data, pack)
    return [
        f"terms found: {way}",
        f"F1 {2 * hits / (given + wanted):.3f}",
        f"{hits / given:.3f} / {hits / wanted:.3f}",
    ]


def fit() -> None:
    """Print weights for core/mine/aspects/polarity.py."""
    from sklearn.linear_model import LogisticRegression

    found, pieces, piece, comment, label, mixed = judged_terms(zhang("train"))
    share = np.bincount(label, minlength=3) / len(label)
    weight = np.where(mixed, 2, 1) / np.sqrt(share[label])
    model = LogisticRegression(C=1.0, max_iter=5000)
    model.fit(features(found, pieces, piece, comment), label, sample_weight=weight)
    print(f"n={len(label):,}")
    print("_WEIGHTS:", np.round(model.coef_, 2).tolist())
    print("_BIAS:", np.round(model.intercept_, 2).tolist())


if __name__ == "__main__":
    fit()

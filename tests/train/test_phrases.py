"""The grammar of comments: many families, known labels, the same seed the same phrases."""

import random
from collections import Counter

import pytest

from core.train import phrases
from core.train.alterations import BAD, GOOD, PLAIN, alter

FAMILIES = phrases.families()
SAMPLE = 6000


@pytest.fixture(scope="module")
def found() -> list[phrases.Phrase]:
    return phrases.sample(SAMPLE)


def test_there_are_at_least_sixty_families_of_constructions() -> None:
    assert len(FAMILIES) >= 60


def test_every_family_occurs(found: list[phrases.Phrase]) -> None:
    assert {one.family for one in found} == set(FAMILIES)


def test_every_domain_occurs(found: list[phrases.Phrase]) -> None:
    assert {one.domain for one in found} == {domain["name"] for domain in phrases.grammar()["domains"]}


def test_no_slot_stays_open(found: list[phrases.Phrase]) -> None:
    assert not [one.family for one in found if "{" in one.text or "}" in one.text]


def test_no_phrase_occurs_twice(found: list[phrases.Phrase]) -> None:
    assert len({one.text for one in found}) == len(found) == SAMPLE


def test_the_same_seed_gives_the_same_phrases_and_another_seed_others() -> None:
    assert phrases.sample(50, seed=3) == phrases.sample(50, seed=3)
    assert phrases.sample(50, seed=3) != phrases.sample(50, seed=4)


def test_bad_and_good_phrases_are_as_frequent_as_each_other(found: list[phrases.Phrase]) -> None:
    labels = Counter(one.label for one in found)
    assert 0.45 <= labels[BAD] / (labels[BAD] + labels[GOOD]) <= 0.55
    assert labels[PLAIN] >= 0.03 * SAMPLE


def test_no_form_stands_under_two_labels_of_a_family() -> None:
    for name, kinds in FAMILIES.items():
        forms = [form for kind in kinds.values() for form in kind]
        assert len(forms) == len(set(forms)), name


@pytest.mark.parametrize(
    ("family", "kind", "form", "label"),
    [
        ("not_good", "bad", "{a}不是很{g}", BAD),
        ("double_negation", "good", "{a}没有一次不{g}", GOOD),
        ("though_but", "good", "虽然{a}{b}，{but}{a2}{g2}", GOOD),
        ("though_but", "bad", "虽然{a}{g}，{but}{a2}{b2}", BAD),
        ("this_is_called", "bad", "这也叫{a}{g}？", BAD),
        ("question", "plain", "{a}到底{g}还是{b}？", PLAIN),
    ],
)
def test_the_construction_decides_the_label(family: str, kind: str, form: str, label: int) -> None:
    assert form in FAMILIES[family][kind]
    assert phrases.LABEL[kind] == label


def test_a_slot_that_stands_twice_gets_the_same_word() -> None:
    domain = phrases.grammar()["domains"][0]
    first, second = phrases.fill("{g}/{g}", domain, random.Random(2)).split("/")  # noqa: S311
    assert first == second


def test_an_alteration_keeps_what_negates() -> None:
    rng, words = random.Random(1), phrases.lexicon()  # noqa: S311
    misspelt = phrases.grammar()["misspelt"]
    texts = [alter("这家店的味道真的不怎么样啊朋友们", BAD, words, misspelt, rng) for _ in range(300)]
    assert all("不" in text for text in texts)
    assert len(set(texts)) > 20


def test_an_emoji_fits_the_label_and_a_plain_text_gets_none() -> None:
    rng, words = random.Random(1), phrases.lexicon()  # noqa: S311
    for label, wrong in ((GOOD, "emoji_bad"), (BAD, "emoji_good"), (PLAIN, "emoji_bad"), (PLAIN, "emoji_good")):
        texts = [alter("今天送到了", label, words, {}, rng) for _ in range(200)]
        assert not [text for text in texts if any(face in text for face in words[wrong])]

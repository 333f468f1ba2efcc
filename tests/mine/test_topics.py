"""Topics come out of the words, the same ones each time; what fits nowhere stays outside."""

from __future__ import annotations

import numpy as np
import pytest

from core.mine.topics import FEWEST, assign, learn
from core.mine.topics.clusters import cluster, stability
from core.mine.topics.names import name, telling
from core.mine.topics.vectors import Bag, place, points

#: Terms 0–9 belong to the first story, 10–19 to the second one and so on.
EACH, STORIES = 10, 4


def stories(n: int, *, of: int = STORIES, strange: int = 0, seed: int = 1) -> tuple[Bag, np.ndarray]:
    """Comments of five terms of their story; strange ones mix the terms of all."""
    random = np.random.default_rng(seed)
    truth = np.concatenate([np.arange(n) % of, np.full(strange, -1)])
    held = [
        np.sort(random.choice(EACH, 5, replace=False) + EACH * story)
        if story >= 0
        else np.sort(random.choice(EACH * of, 5, replace=False))
        for story in truth
    ]
    comments = np.repeat(np.arange(len(truth)), 5)
    return Bag(comments, np.array(held, np.int64).reshape(-1), len(truth)), truth


def test_planted_stories_are_found_and_their_number_too() -> None:
    bag, truth = stories(400)
    model = learn(bag, EACH * STORIES)
    topic, _ = assign(bag, model)
    assert len(model.centres) == STORIES
    inside = topic > 0
    assert inside.mean() > 0.95
    assert all(len(set(truth[inside & (topic == number)])) == 1 for number in range(1, STORIES + 1))
    assert model.stable.min() > 0.9


@pytest.mark.parametrize(("n", "of"), [(300, 3), (300, 4), (1000, 10)])
def test_the_largest_stable_number_of_topics_is_chosen_even_if_it_is_the_smallest(n: int, of: int) -> None:
    model = learn(stories(n, of=of, seed=2)[0], EACH * of)
    assert len(model.centres) == of
    assert model.stable.min() > 0.9


def test_comments_of_everything_are_put_into_no_topic() -> None:
    bag, truth = stories(400, strange=40)
    topic, _ = assign(bag, learn(bag, EACH * STORIES, STORIES))
    assert (topic[truth < 0] == 0).mean() > 0.8
    assert (topic[truth >= 0] == 0).mean() < 0.05


def test_the_same_comments_give_the_same_topics() -> None:
    bag, _ = stories(300)
    first, second = (assign(bag, learn(bag, EACH * STORIES)) for _ in range(2))
    assert np.array_equal(first[0], second[0])
    assert np.array_equal(first[1], second[1])


def test_the_largest_topic_comes_first() -> None:
    bag, truth = stories(400)
    kept = np.isin(bag.comments, np.flatnonzero((truth != 0) | (np.arange(400) < 120)))
    topic, _ = assign(bag, learn(Bag(bag.comments[kept], bag.terms[kept], 400), EACH * STORIES, STORIES))
    assert truth[topic == STORIES].tolist().count(0) > 20


@pytest.mark.parametrize("n", [0, 1, FEWEST - 1])
def test_too_few_comments_have_no_topics(n: int) -> None:
    bag, _ = stories(n)
    model = learn(bag, EACH * STORIES)
    assert len(model.centres) == 0
    assert assign(bag, model)[0].tolist() == [0] * n


def test_a_comment_without_terms_has_no_topic() -> None:
    bag, _ = stories(100)
    model = learn(bag, EACH * STORIES, 4)
    assert assign(Bag(np.empty(0, np.int64), np.empty(0, np.int64), 2), model)[0].tolist() == [0, 0]


def test_more_topics_than_comments_hold_are_not_made() -> None:
    bag, _ = stories(40)
    assert 1 <= len(learn(bag, EACH * STORIES, 40).centres) <= 40


def test_groups_of_noise_are_less_stable_than_real_ones() -> None:
    real, _ = stories(300)
    noise, _ = stories(0, strange=300)
    levels = []
    for bag in (real, noise):
        where = points(bag, place(bag, EACH * STORIES))
        levels.append(stability(where, cluster(where, STORIES)).mean())
    assert levels[0] > levels[1] + 0.2


def test_the_telling_terms_are_those_of_the_topic_alone() -> None:
    counts = np.array([[9, 8, 0, 9], [0, 1, 9, 9]])
    assert telling(counts, ["快递", "太慢", "客服", "京东"])[0][:2] == ["快递", "太慢"]
    assert telling(counts, ["快递", "太慢", "客服", "京东"])[1][0] == "客服"


def test_names_share_no_term_and_hold_none_within_another() -> None:
    names = name([["快递", "快递员", "太慢", "京东"], ["客服", "京东", "态度"], ["烂", "苹果", "不新鲜"]])
    flat = [term for terms in names for term in terms]
    assert len(flat) == len(set(flat))
    assert names[0] == ("快递", "太慢")
    assert names[2] == ("苹果", "不新鲜")

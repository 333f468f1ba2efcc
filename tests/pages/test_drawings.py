"""Pictures that are kept."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pages.parts import answers, drawings


@pytest.fixture(autouse=True)
def nothing_kept() -> Iterator[None]:
    drawings.forget()
    yield
    drawings.forget()


class Pen:
    """Draws, and knows what it drew."""

    def __init__(self) -> None:
        self.drew: list[tuple[object, int]] = []

    def __call__(self, result: object, *, width: int) -> str:
        self.drew.append((result, width))
        return f"{result} {width}"


def test_an_equal_result_is_drawn_once_for_the_same_options() -> None:
    pen = Pen()
    assert [drawings.drawn(pen, (1, 2), width=w) for w in (5, 5, 6)] == ["(1, 2) 5", "(1, 2) 5", "(1, 2) 6"]
    assert pen.drew == [((1, 2), 5), ((1, 2), 6)]


def test_a_result_that_cannot_be_looked_up_is_drawn_each_time() -> None:
    pen = Pen()
    assert {drawings.drawn(pen, [1], width=5) for _ in range(2)} == {"[1] 5"}
    assert len(pen.drew) == 2


def test_pictures_are_forgotten_together_with_the_answers() -> None:
    pen = Pen()
    drawings.drawn(pen, "a", width=5)
    answers.forget()
    drawings.drawn(pen, "a", width=5)
    assert len(pen.drew) == 2

"""Image files."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from core import chart
from core.chart import image
from core.errors import ExportError
from core.results import Keywords, Trend


def size(png: bytes) -> tuple[int, int]:
    assert png.startswith(b"\x89PNG")
    return int.from_bytes(png[16:20]), int.from_bytes(png[20:24])


def test_an_unknown_form_is_refused(trend_of: Callable[..., Trend]) -> None:
    with pytest.raises(ExportError, match="N11"):
        chart.render(chart.trend(trend_of([(1, 0, 0)])), "bmp")


def test_without_a_chinese_font_a_png_is_refused_and_an_svg_is_not(
    trend_of: Callable[..., Trend], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(image, "has_chinese_font", lambda: False)
    drawn = chart.trend(trend_of([(1, 0, 0)]))
    with pytest.raises(ExportError, match="N10"):
        chart.render(drawn, "png")
    assert "负面占比" in chart.render(drawn, "svg").decode()


@pytest.mark.skipif(not image.has_chinese_font(), reason="this machine has no font with hanzi")
def test_a_png_is_twice_as_large_as_the_chart(
    trend_of: Callable[..., Trend], keywords_of: Callable[..., Keywords]
) -> None:
    assert size(chart.png(chart.cloud(keywords_of([("慢", 5, 5.0)])), title="词云")) == (1440, 640)
    wide, _ = size(chart.render(chart.trend(trend_of([(1, 0, 1)] * 9), width=500)))
    assert wide == pytest.approx(1000, abs=20)


def test_a_font_that_draws_all_hanzi_alike_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vl_convert.svg_to_png", lambda *_: b"a box")
    image.has_chinese_font.cache_clear()
    try:
        assert not image.has_chinese_font()
    finally:
        image.has_chinese_font.cache_clear()

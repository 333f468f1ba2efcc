"""Charts and word clouds as PNG and SVG files."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from core.errors import ExportError

__all__ = ["has_chinese_font", "render", "svg_to_png"]

_PROBE = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40">'
    '<text x="2" y="32" font-size="32" font-family="sans-serif">{}</text></svg>'
)


def render(chart: Any, form: str = "png", *, scale: float = 2.0) -> bytes:
    """Render a chart as the bytes of an image file.

    Args:
        chart: Any Altair chart.
        form: ``png`` or ``svg``. An SVG holds its text as text, drawn with the fonts of the viewer's machine.
        scale: Pixels per chart pixel of a PNG.

    Raises:
        ExportError: N10 a PNG without any font with hanzi on this machine, N11 unknown format.
    """
    import vl_convert

    spec = chart.to_dict()
    if form == "svg":
        return str(vl_convert.vegalite_to_svg(spec)).encode()
    _check(form)
    return bytes(vl_convert.vegalite_to_png(spec, scale=scale))


def svg_to_png(svg: str, *, scale: float = 2.0) -> bytes:
    """Convert an SVG to PNG.

    Raises:
        ExportError: N10 no font with hanzi on this machine.
    """
    import vl_convert

    _check("png")
    return bytes(vl_convert.svg_to_png(svg, scale=scale))


@lru_cache(maxsize=1)
def has_chinese_font() -> bool:
    """Tell whether this machine can render hanzi: two different ones must give different images."""
    import vl_convert

    return bool(vl_convert.svg_to_png(_PROBE.format("一")) != vl_convert.svg_to_png(_PROBE.format("永")))


def _check(form: str) -> None:
    if form != "png":
        raise ExportError("N11", f"没有 {form!r} 这种图片格式。", "可选:png、svg。")
    if not has_chinese_font():
        raise ExportError(
            "N10",
            "这台电脑上没有中文字体,PNG 图片里的汉字会变成方框。",
            "请安装一种中文字体(如 Noto Sans CJK SC、文泉驿微米黑)后重启,或下载 SVG。",
        )

"""A chart as the plain specification that a browser renders, without Altair's validation of its own output."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import altair as alt
import pandas as pd

__all__ = ["Drawn", "spec"]

#: Attributes of a composite chart that hold its plots.
_PLOTS: Final = ("layer", "vconcat", "hconcat")


@dataclass(frozen=True, slots=True)
class Drawn:
    """A cached chart specification with new data and title. Used in place of an Altair chart.

    Attributes:
        written: The specification, which references its data by name.
        frames: The data.
    """

    written: dict[str, Any]
    frames: dict[str, pd.DataFrame]

    def to_dict(self) -> dict[str, Any]:
        """Return the whole specification as plain values."""
        return self.written | {"datasets": {name: alt.to_values(f)["values"] for name, f in self.frames.items()}}


def spec(picture: Any) -> dict[str, Any]:
    """Convert a chart to Vega-Lite.

    Altair's ``to_dict`` validates every part against the Vega-Lite schema, which takes twice as long as drawing.
    The tests check that our charts fit the schema.

    Args:
        picture: Any chart of ``core.chart``; its data are frames.

    Returns:
        The specification; its data are frames under ``datasets``, referenced by name.
    """
    if isinstance(picture, Drawn):
        return picture.written | {"datasets": picture.frames}
    frames: dict[str, pd.DataFrame] = {}
    written: dict[str, Any] = _named(picture, frames).to_dict(validate=False)
    return written | {"datasets": frames}


def _named(picture: Any, frames: dict[str, pd.DataFrame]) -> Any:
    """Return a copy of a chart with its frames moved to ``frames`` under names; the chart itself is unchanged."""
    copy = picture.copy(deep=False)
    if isinstance(copy.data, pd.DataFrame):
        name = next((name for name, frame in frames.items() if frame is copy.data), f"rows{len(frames)}")
        frames[name] = copy.data
        copy.data = alt.NamedData(name)
    for kind in _PLOTS:
        if isinstance(plots := getattr(copy, kind, None), list):
            copy[kind] = [_named(plot, frames) for plot in plots]
    return copy

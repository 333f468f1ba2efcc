"""A chart as the plain specification that a browser draws, without Altair's checks of what it built itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import altair as alt
import pandas as pd

__all__ = ["Drawn", "spec"]

#: Where a chart of several plots keeps them.
_PLOTS: Final = ("layer", "vconcat", "hconcat")


@dataclass(frozen=True, slots=True)
class Drawn:
    """A chart that was written before; only numbers and title are new. Stands where an Altair chart does.

    Attributes:
        written: The specification, which refers to its data by name.
        frames: The data.
    """

    written: dict[str, Any]
    frames: dict[str, pd.DataFrame]

    def to_dict(self) -> dict[str, Any]:
        """Return the whole specification in plain values."""
        return self.written | {"datasets": {name: alt.to_values(f)["values"] for name, f in self.frames.items()}}


def spec(picture: Any) -> dict[str, Any]:
    """Write a chart as Vega-Lite.

    ``to_dict`` of Altair holds every part against the schema of Vega-Lite, which takes twice as long as drawing.
    Whether our charts fit the schema is for the tests to say.

    Args:
        picture: Any chart of ``core.chart``; its data are frames.

    Returns:
        The specification; its data stand as frames under ``datasets``, referred to by name.
    """
    if isinstance(picture, Drawn):
        return picture.written | {"datasets": picture.frames}
    frames: dict[str, pd.DataFrame] = {}
    written: dict[str, Any] = _named(picture, frames).to_dict(validate=False)
    return written | {"datasets": frames}


def _named(picture: Any, frames: dict[str, pd.DataFrame]) -> Any:
    """Return a chart whose frames are put aside under names; the chart itself stays as it is."""
    copy = picture.copy(deep=False)
    if isinstance(copy.data, pd.DataFrame):
        name = next((name for name, frame in frames.items() if frame is copy.data), f"rows{len(frames)}")
        frames[name] = copy.data
        copy.data = alt.NamedData(name)
    for kind in _PLOTS:
        if isinstance(plots := getattr(copy, kind, None), list):
            copy[kind] = [_named(plot, frames) for plot in plots]
    return copy

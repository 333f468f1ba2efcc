"""A file, a model and the result of an undisturbed run, made once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.kit import Labelling
from tests.jobs_kit import comments
from tests.score.folders import onnx_folder

#: Enough rows that a signal at the sixteenth chunk of 200 always comes before the end.
ROWS = 6000


@pytest.fixture(scope="session")
def calm(tmp_path_factory: pytest.TempPathFactory) -> tuple[Labelling, dict[str, object]]:
    """An undisturbed run and its report."""
    folder = tmp_path_factory.mktemp("calm")
    model = onnx_folder(folder / "lexicon")
    labelling = Labelling(comments(folder / "in.csv", ROWS), folder / "out.csv", str(model), folder / "data")
    return labelling, labelling.finish()


@pytest.fixture
def disturbed(calm: tuple[Labelling, dict[str, object]], tmp_path: Path) -> Labelling:
    """The same work in a fresh data folder."""
    return Labelling(calm[0].source, tmp_path / "out.csv", calm[0].model, tmp_path / "data")

"""A full disk and damaged files: a clear code, no half file, and the work goes on afterwards."""

from __future__ import annotations

import signal

import pytest

from tests.faults.kit import Labelling

Calm = tuple[Labelling, dict[str, object]]


@pytest.mark.parametrize("limit_bytes", [1_000, 150_000])
def test_no_room_while_labelling_is_said_and_what_is_done_is_kept(
    calm: Calm, disturbed: Labelling, limit_bytes: int
) -> None:
    process = disturbed.start(file_limit_bytes=limit_bytes)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 2
    assert err.splitlines()[-1].startswith(("[S03]", "[E03]"))
    assert "Traceback" not in err
    assert not disturbed.out.exists()
    assert disturbed.finish() == calm[1]
    assert disturbed.out.read_bytes() == calm[0].out.read_bytes()


def test_no_room_for_the_output_leaves_the_old_one(calm: Calm, disturbed: Labelling) -> None:
    disturbed.finish()
    disturbed.out.write_text("old", "utf-8")
    process = disturbed.start(file_limit_bytes=100_000)
    _, err = process.communicate(timeout=120)
    assert (process.returncode, err.splitlines()[-1][:5]) == (2, "[E03]")
    assert disturbed.out.read_text("utf-8") == "old"
    assert [path.name for path in disturbed.out.parent.iterdir() if path.is_file()] == ["out.csv"]


def test_a_broken_catalogue_is_named(disturbed: Labelling) -> None:
    disturbed.strike_at(2, signal.SIGKILL)
    (disturbed.data / "catalogue.sqlite").write_bytes(b"broken" * 1000)
    for rest in ("-wal", "-shm"):
        (disturbed.data / f"catalogue.sqlite{rest}").unlink(missing_ok=True)
    process = disturbed.start()
    _, err = process.communicate(timeout=60)
    assert process.returncode == 2
    assert err.splitlines()[-1].startswith("[S02]")
    assert "catalogue.sqlite" in err

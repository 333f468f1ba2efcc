"""Killed, interrupted, started twice: the job goes on and nothing is lost, doubled or changed."""

from __future__ import annotations

import os
import random
import signal
import time

from tests.faults.kit import CHUNK_ROWS, Labelling

Calm = tuple[Labelling, dict[str, object]]


def test_killed_at_random_moments_it_ends_with_the_same_bytes_and_the_same_report(
    calm: Calm, disturbed: Labelling
) -> None:
    chance = random.Random(20261123)  # noqa: S311
    for moment in (1, 7, 16):
        code, _ = disturbed.strike_at(moment, signal.SIGKILL, chance.uniform(0, 0.05))
        assert code == -signal.SIGKILL
        assert not disturbed.out.exists()
    assert disturbed.finish() == calm[1]
    assert disturbed.out.read_bytes() == calm[0].out.read_bytes()


def test_ctrl_c_ends_with_130_without_a_traceback_and_can_be_resumed(calm: Calm, disturbed: Labelling) -> None:
    code, err = disturbed.strike_at(5, signal.SIGINT)
    assert code == 130
    assert "Traceback" not in err
    assert "断点" in err
    stored = disturbed.stored()
    assert stored >= 5
    assert disturbed.finish() == calm[1]
    assert disturbed.out.read_bytes() == calm[0].out.read_bytes()


def test_a_polite_request_to_end_is_treated_like_ctrl_c(disturbed: Labelling) -> None:
    code, err = disturbed.strike_at(3, signal.SIGTERM)
    assert (code, "Traceback" in err) == (130, False)


def test_the_same_job_started_twice_runs_once(calm: Calm, disturbed: Labelling) -> None:
    with disturbed.start() as first:
        said = ""
        for chunks in (2, 5, 8, 11, 14):
            while disturbed.stored() < chunks and first.poll() is None:
                time.sleep(0.003)
            # stopped, it keeps its lock and cannot end before the second has asked for it; where that falls into a
            # transaction the second cannot even read the catalogue, so it asks again later
            os.killpg(first.pid, signal.SIGSTOP)
            code, said = disturbed.told()
            os.killpg(first.pid, signal.SIGCONT)
            assert code == 2, said
            if "[S09]" in said:
                break
        assert "[S09]" in said
        first.communicate(timeout=120)
    assert first.returncode == 0
    assert disturbed.out.read_bytes() == calm[0].out.read_bytes()


def test_a_last_chunk_cut_short_is_found_and_made_again(calm: Calm, disturbed: Labelling) -> None:
    disturbed.strike_at(6, signal.SIGKILL)
    last = sorted(disturbed.data.glob("jobs/*/*.parquet"))[-1]
    last.write_bytes(last.read_bytes()[: CHUNK_ROWS // 2])
    # the lost rows had been scored, and their scores may have reached the cache before the kill: those are hits
    again, undisturbed = disturbed.finish(), dict(calm[1])
    assert again.pop("cache_hits") <= CHUNK_ROWS
    undisturbed.pop("cache_hits")
    assert again == undisturbed
    assert disturbed.out.read_bytes() == calm[0].out.read_bytes()

"""A finished job of n real comments in a data folder, to view and to measure: ``python -m bench.labelled FOLDER``.

The rows pass through the whole pipeline (read, clean, store); only the model is a word rule, because the speed of pages
and analyses does not depend on the labels' origin. Shares and words in such a job look realistic but mean nothing.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tempfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.process import measure
from bench.texts import mixed, write_csv
from core.jobs import Progress, job_id, new_spec, run
from core.read import inspect
from core.schema import LABELS
from core.settings import Settings
from core.store import Store

ROWS = 1_000_000
_BAD = re.compile("不|差|慢|坏|退|垃圾|失望|难|烂|没|骗|怒|泪")
_GOOD = re.compile("好|喜欢|满意|快|推荐|赞|不错|棒|爱|舒服|哈哈")


class WordRule:
    """A backend that counts a few characters."""

    name = "word-rule"
    version = "0" * 12
    labels = LABELS
    window_tokens = 512

    def score(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """See ``core.schema.Backend``."""
        counts = [(len(_BAD.findall(text)), len(_GOOD.findall(text))) for text in texts]
        logits = np.array([(bad, 0.6, good) for bad, good in counts], np.float32).reshape(-1, 3)
        # a text-dependent jitter, so that confidences differ
        own = np.array([zlib.crc32(text.encode()) % 97 / 97 for text in texts], np.float32)
        weights = np.exp(1.3 * logits + own[:, None] * np.array([0.4, 0.0, 0.2]))
        return (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)

    def lengths(self, texts: Sequence[str]) -> NDArray[np.int32]:
        """See ``core.schema.Backend``."""
        return np.array([min(len(text), self.window_tokens) for text in texts], np.int32)


def build(data_dir: Path, rows: int = ROWS) -> str:
    """Make the job in a data folder, or find it there; return its id."""
    return kept(data_dir, f"{rows}.csv", partial(_write, rows), f"{rows:,} 条评论(测速用)")


def kept(data_dir: Path, file_name: str, write: Callable[[Path], None], title: str) -> str:
    """Label a file with the word rule in a data folder, unless already done.

    Args:
        data_dir: Data folder of the app.
        file_name: Name of the file.
        write: Writes it deterministically.
        title: Title of the job.

    Returns:
        The job's id.
    """
    store = Store(data_dir)
    try:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / file_name
            write(path)
            with path.open("rb") as file:
                upload = store.uploads.save(path.name, file)
        spec = new_spec(inspect([upload]), WordRule(), settings=Settings(), name=title)
        run(spec, store=store, backend=WordRule(), progress=_say)
    finally:
        store.close()
    return job_id(spec)


def _write(rows: int, path: Path) -> None:
    write_csv(path, mixed(rows))


def _say(progress: Progress) -> None:
    print(f"\r{progress.rows_done:,} / {progress.rows_total or 0:,}", end="", file=sys.stderr, flush=True)


def timed(script: str, sizes: Sequence[int]) -> Iterator[tuple[int, dict[str, Any], float]]:
    """Run a script on prepared jobs, each in a fresh process.

    Args:
        script: Python source; takes data folder and job, prints JSON.
        sizes: Rows of the jobs.

    Yields:
        Rows, what the script printed, and the peak memory of its process, MiB.
    """
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            done = measure(["-c", script, folder, build(Path(folder), size)])
        if done.code:
            raise RuntimeError(f"the script ended with {done.code}")
        yield size, json.loads(done.stdout), done.peak_mb


def main(about: str | None, make: Callable[[Path, int], str], option: str, size: int) -> None:
    """Make a job as the command line specifies and print its id.

    Args:
        about: Description of the command.
        make: Takes the data folder and the size.
        option: Name of the size option.
        size: Default size.
    """
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("folder", type=Path, help="data folder of the app (TINGFENG_DATA_DIR)")
    parser.add_argument(option, type=int, default=size, dest="size")
    arguments = parser.parse_args()
    print(make(arguments.folder, arguments.size))


if __name__ == "__main__":
    main(__doc__, build, "--rows", ROWS)

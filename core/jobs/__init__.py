"""Jobs: a resumable run over read → clean → score → store, and the queue that pages and API put them in."""

from core.jobs.given import has_labels, read_labels
from core.jobs.manager import Jobs
from core.jobs.progress import STAGE_TITLES, Meter, Progress, Stage
from core.jobs.run import run
from core.jobs.spec import job_id, new_spec

__all__ = [
    "STAGE_TITLES",
    "Jobs",
    "Meter",
    "Progress",
    "Stage",
    "has_labels",
    "job_id",
    "new_spec",
    "read_labels",
    "run",
]

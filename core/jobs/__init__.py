"""Jobs: a resumable run over read → clean → score → store, and the queue that pages and the API submit them to."""

from core.jobs.cached_scorer import CachedScorer
from core.jobs.cascading import CascadeTarget, planned_cascade
from core.jobs.continued import carry_corrections, continued
from core.jobs.manager import RESUMABLE, Jobs
from core.jobs.prelabelled import has_labels, read_labels
from core.jobs.progress import STAGE_TITLES, Meter, Progress, Stage, duration
from core.jobs.result import write_result
from core.jobs.run import run
from core.jobs.shared import SharedJobs
from core.jobs.spec import job_id, new_spec
from core.jobs.times import time_example

__all__ = [
    "RESUMABLE",
    "STAGE_TITLES",
    "CachedScorer",
    "CascadeTarget",
    "Jobs",
    "Meter",
    "Progress",
    "SharedJobs",
    "Stage",
    "carry_corrections",
    "continued",
    "duration",
    "has_labels",
    "job_id",
    "new_spec",
    "planned_cascade",
    "read_labels",
    "run",
    "time_example",
    "write_result",
]

"""Comments that repeat one another: near copies, fast accounts, and by which rule they are suspicious."""

from core.mine.floods.copies import near_copies
from core.mine.floods.rules import fast_runs, judge

__all__ = ["fast_runs", "judge", "near_copies"]

"""Repetitive comments: near-duplicates, fast accounts, and the rules by which they are suspicious."""

from core.mine.floods.copies import near_copies
from core.mine.floods.rules import fast_runs, judge

__all__ = ["fast_runs", "judge", "near_copies"]

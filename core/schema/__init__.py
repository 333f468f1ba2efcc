"""What passes between the stages: column names, label order, reasons and frozen dataclasses.

    bytes ─inspect/read→ RowChunk ─clean→ comments ─score→ Scores ─store→ labelled table ─analyse→ results

Nobody else spells a column name. Original columns travel beside ours under ``ORIGINAL_PREFIX`` so that
neither can hide the other.
"""

from __future__ import annotations

from core.schema.columns import (
    COMMENT_COLUMNS,
    EMOTION_COLUMNS,
    EMOTION_EXPORT_COLUMNS,
    EMOTION_NAMES,
    EMOTIONS,
    EXPORT_COLUMNS,
    GRADES,
    LABEL_EMOJI,
    LABEL_NAMES,
    LABELLED_COLUMNS,
    LABELS,
    LEAST_CHARACTERS,
    NEGATIVE,
    NEUTRAL,
    ORIGINAL_PREFIX,
    POSITIVE,
    REASON_TITLES,
    ROLE_TITLES,
    SCORE_COLUMNS,
    TAG_EXPORT_COLUMNS,
    Col,
    Reason,
    Role,
    Status,
    original,
    original_names,
)
from core.schema.jobs import PROBLEMS_KEPT, Job, JobSpec, JobState, RowProblem, RunReport
from core.schema.rows import CleanOptions, Mapping, ReadOptions, RowChunk, TableSource
from core.schema.scores import Backend, Emotions, ModelInfo, ScoreOptions, Scores
from core.schema.table import Filter, Share, Table, Within
from core.schema.words import PHRASE_GAP, join_word, split_word, word_forms, word_title

__all__ = [
    "COMMENT_COLUMNS",
    "EMOTIONS",
    "EMOTION_COLUMNS",
    "EMOTION_EXPORT_COLUMNS",
    "EMOTION_NAMES",
    "EXPORT_COLUMNS",
    "GRADES",
    "LABELLED_COLUMNS",
    "LABELS",
    "LABEL_EMOJI",
    "LABEL_NAMES",
    "LEAST_CHARACTERS",
    "NEGATIVE",
    "NEUTRAL",
    "ORIGINAL_PREFIX",
    "PHRASE_GAP",
    "POSITIVE",
    "PROBLEMS_KEPT",
    "REASON_TITLES",
    "ROLE_TITLES",
    "SCORE_COLUMNS",
    "TAG_EXPORT_COLUMNS",
    "Backend",
    "CleanOptions",
    "Col",
    "Emotions",
    "Filter",
    "Job",
    "JobSpec",
    "JobState",
    "Mapping",
    "ModelInfo",
    "ReadOptions",
    "Reason",
    "Role",
    "RowChunk",
    "RowProblem",
    "RunReport",
    "ScoreOptions",
    "Scores",
    "Share",
    "Status",
    "Table",
    "TableSource",
    "Within",
    "join_word",
    "original",
    "original_names",
    "split_word",
    "word_forms",
    "word_title",
]

"""Columns, labels, statuses and reasons of rows; their names are spelled only here."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Final

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
    "OURS_MARK",
    "POSITIVE",
    "REASON_TITLES",
    "ROLE_TITLES",
    "SCORE_COLUMNS",
    "SHARED_NAME",
    "TAG_EXPORT_COLUMNS",
    "UNITED_COLUMNS",
    "UNITED_EXPORT_COLUMNS",
    "Col",
    "Reason",
    "Role",
    "Status",
    "exported",
    "holds_labels",
    "original",
    "original_names",
]

#: Labels in the order of every probability array.
LABELS: Final = ("负面", "中性", "正面")
NEGATIVE, NEUTRAL, POSITIVE = 0, 1, 2
#: The labels' English names for programs.
LABEL_NAMES: Final = ("negative", "neutral", "positive")
#: One emoji per label; always shown beside the word, never instead of it.
LABEL_EMOJI: Final = ("😠", "😐", "😄")

#: Emotions in the order of ``Col.EMOTION``: the seven of StructBERT's emotion models, and none.
EMOTIONS: Final = ("恐惧", "愤怒", "厌恶", "喜好", "悲伤", "高兴", "惊讶", "无")
#: The emotions' English names for programs.
EMOTION_NAMES: Final = ("fear", "anger", "disgust", "like", "sadness", "happiness", "surprise", "none")

#: Minimum characters of a text that identifies its author. Independent authors write identical shorter ones
#: (好评, 质量不错, 物流很快质量很好).
LEAST_CHARACTERS: Final = 15
#: SQL: a nickname that stands for many people does not identify an account.
SHARED_NAME: Final = "(contains(author, '*') OR contains(author, '匿名') OR contains(author, '默认用户'))"
#: Prefix of the file's own columns in a comments frame and in the labelled table.
ORIGINAL_PREFIX: Final = "src:"


class Role(StrEnum):
    """The role of a column of an input file; ``ROLE_TITLES`` has the Chinese names."""

    TEXT = "text"
    TIME = "time"
    SOURCE = "source"
    PRODUCT = "product"
    RATING = "rating"
    AUTHOR = "author"
    COMMENT_ID = "comment_id"


ROLE_TITLES: Final[dict[Role, str]] = {
    Role.TEXT: "评论",
    Role.TIME: "时间",
    Role.SOURCE: "来源",
    Role.PRODUCT: "商品",
    Role.RATING: "评分",
    Role.AUTHOR: "作者",
    Role.COMMENT_ID: "编号",
}


class Col:
    """Names of our columns in the comments frame and the labelled table (DuckDB view ``comments``)."""

    # written by clean
    ROW: Final = "row"  # int64, 0-based position in the whole job, all inputs in order
    FILE: Final = "file"  # str, display name of the TableSource
    ROW_NUMBER: Final = "row_number"  # int64, 1-based row as a spreadsheet program shows it
    TEXT: Final = "text"  # str, as written (masked if requested)
    CLEAN_TEXT: Final = "clean_text"  # str, what the model reads
    TEXT_KEY: Final = "text_key"  # str, 32 hex: blake2b-128 of clean_text; "" if there is nothing to score
    TIME: Final = "time"  # datetime64[us], naive, in Settings.timezone; NaT = undated
    SOURCE: Final = "source"  # str, "" = unknown
    PRODUCT: Final = "product"  # str, "" = unknown
    RATING: Final = "rating"  # float32 on the file's scale, in stars where the layout is known; NaN = none
    AUTHOR: Final = "author"  # str, "" = unknown
    COMMENT_ID: Final = "comment_id"  # str, "" = none
    STATUS: Final = "status"  # Status
    REASON: Final = "reason"  # Reason, "" where status needs none
    TERMS: Final = "terms"  # list<str>: words of clean_text, negations whole; [] if there is nothing to score
    # written by score
    LABEL: Final = "label"  # int8: 0, 1, 2 = LABELS; -1 = not scored
    CONFIDENCE: Final = "confidence"  # float32, the largest class probability; NaN = not scored
    P_NEGATIVE: Final = "p_negative"  # float32
    P_NEUTRAL: Final = "p_neutral"  # float32
    P_POSITIVE: Final = "p_positive"  # float32
    NEEDS_REVIEW: Final = "needs_review"  # bool
    WINDOWS: Final = "windows"  # int16, windows the text was scored in; above 1 = longer than the model's limit
    CUT: Final = "cut"  # bool, text beyond the last window was not scored
    # written by score if ``ScoreOptions.emotion`` requests them, else absent
    EMOTION: Final = "emotion"  # int8, index into EMOTIONS; -1 = not scored
    P_EMOTION: Final = "p_emotion"  # float32, probability of that emotion; NaN = not scored
    P_OFFENSIVE: Final = "p_offensive"  # float32, NaN = not scored or not supported by the model
    # added by derive for an export, not stored in a file
    TAGS: Final = "tags"  # str, what the comment criticises and praises: 差评:物流;好评:价格
    # added by store, not stored in a file; LABEL includes corrections
    MODEL_LABEL: Final = "model_label"  # int8, the model's label
    CORRECTED: Final = "corrected"  # bool, a person has set LABEL
    REEXPORTED: Final = "reexported"  # bool, the same comment as an earlier row, exported again


COMMENT_COLUMNS: Final = (
    Col.ROW,
    Col.FILE,
    Col.ROW_NUMBER,
    Col.TEXT,
    Col.CLEAN_TEXT,
    Col.TEXT_KEY,
    Col.TIME,
    Col.SOURCE,
    Col.PRODUCT,
    Col.RATING,
    Col.AUTHOR,
    Col.COMMENT_ID,
    Col.STATUS,
    Col.REASON,
    Col.TERMS,
)
SCORE_COLUMNS: Final = (
    Col.LABEL,
    Col.CONFIDENCE,
    Col.P_NEGATIVE,
    Col.P_NEUTRAL,
    Col.P_POSITIVE,
    Col.NEEDS_REVIEW,
    Col.WINDOWS,
    Col.CUT,
)
LABELLED_COLUMNS: Final = COMMENT_COLUMNS + SCORE_COLUMNS
#: Optional columns of a labelled table; the view ``comments`` always has them, NULL if absent.
EMOTION_COLUMNS: Final = (Col.EMOTION, Col.P_EMOTION, Col.P_OFFENSIVE)

#: Columns that an export adds after the original ones, in order (fixed contract of the command line).
EXPORT_COLUMNS: Final = ("情感", "置信度", "负面概率", "中性概率", "正面概率", "需复核")
#: Inserted before those if the tables of a job name their columns differently: file, then the ``UNITED_COLUMNS``.
UNITED_EXPORT_COLUMNS: Final = ("来自文件", "合并评论", "合并时间", "合并来源", "合并商品", "合并评分", "合并作者")
UNITED_COLUMNS: Final = (Col.FILE, Col.TEXT, Col.TIME, Col.SOURCE, Col.PRODUCT, Col.RATING, Col.AUTHOR)
#: Appended to one of our names as often as needed if the file has a column of that name.
OURS_MARK: Final = "(听风)"
#: Appended after those if emotions were requested.
EMOTION_EXPORT_COLUMNS: Final = ("情绪", "情绪概率", "冒犯概率")
#: Appended last if reason tags were requested; ``GRADES`` are the values of the first, in ``LABELS`` order.
TAG_EXPORT_COLUMNS: Final = ("评价", "原因标签")
GRADES: Final = ("差评", "中评", "好评")


class Status(StrEnum):
    """The outcome of a row. Every input row has exactly one; a finished job has no PENDING rows."""

    PENDING = "pending"
    SCORED = "scored"
    DUPLICATE = "duplicate"  # same text_key as an earlier scored row of the job: shares its score
    BLANK = "blank"  # nothing to score
    REJECTED = "rejected"  # not a record: unreadable, or a repeated header


class Reason(StrEnum):
    """Why a row is blank or rejected; ``REASON_TITLES`` has the Chinese sentences."""

    EMPTY = "empty"
    NO_WORDS = "no_words"
    DEFAULT_TEXT = "default_text"
    PLACEHOLDER = "placeholder"
    BAD_JSON = "bad_json"
    NOT_AN_OBJECT = "not_an_object"
    CELL_TOO_LONG = "cell_too_long"
    UNCLOSED_QUOTE = "unclosed_quote"
    HEADER_AGAIN = "header_again"
    TOO_MANY_CELLS = "too_many_cells"
    ASIDE = "aside"
    OTHER_TABLE = "other_table"


REASON_TITLES: Final[dict[Reason, str]] = {
    Reason.EMPTY: "评论为空",
    Reason.NO_WORDS: "只有标点、链接或@,没有可分析的文字或表情",
    Reason.DEFAULT_TEXT: "平台自动填写的默认评价,不是用户写的",
    Reason.PLACEHOLDER: "表示没有内容的占位词,如 NULL、无、暂无评价",
    Reason.BAD_JSON: "这一行不是合法的 JSON",
    Reason.NOT_AN_OBJECT: "这一行的 JSON 不是对象",
    Reason.CELL_TOO_LONG: "单元格过长",
    Reason.UNCLOSED_QUOTE: "引号没有闭合",
    Reason.HEADER_AGAIN: "又是一行表头,不是评论",
    Reason.TOO_MANY_CELLS: "单元格比表头多出太多",
    Reason.ASIDE: "表格里的合计、分组标题或说明,不是评论",
    Reason.OTHER_TABLE: "同一页里的另一个表格,没有读取",
}


def original(name: str) -> str:
    """Return the name under which a file's own column is stored.

    Example:
        >>> original("订单号")
        'src:订单号'
    """
    return ORIGINAL_PREFIX + name


def original_names(columns: Iterable[str]) -> tuple[str, ...]:
    """Return the file's own column names among ``columns``, prefix removed, order kept.

    Example:
        >>> original_names(["row", "src:订单号", "label"])
        ('订单号',)
    """
    return tuple(c.removeprefix(ORIGINAL_PREFIX) for c in columns if c.startswith(ORIGINAL_PREFIX))


def exported(columns: Iterable[str], name: str) -> str | None:
    """Return the column that an export called ``name``: the one with the most marks; None if there is none.

    Example:
        >>> exported(["情感", "情感(听风)", "置信度"], "情感")
        '情感(听风)'
    """
    found = [column for column in columns if column.removesuffix(OURS_MARK * column.count(OURS_MARK)) == name]
    return max(found, key=len, default=None)


def holds_labels(columns: Iterable[str]) -> bool:
    """Return whether columns are those of one of our exports: a label and the probability of 负面 in each row.

    Example:
        >>> holds_labels(["评论", *EXPORT_COLUMNS]), holds_labels(["评论", "情感"])
        (True, False)
    """
    names = tuple(columns)
    return all(exported(names, name) is not None for name in (EXPORT_COLUMNS[0], EXPORT_COLUMNS[2]))

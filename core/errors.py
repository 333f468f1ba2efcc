"""Every error Tingfeng raises on purpose.

    TingfengError                 anything a person can act on
    ├── InputError        I..     an argument or a typed value is wrong: correct it
    ├── ReadError         R..     a file cannot be read: repair it or choose other options
    │   └── MappingError  R03 …   the columns do not fit: choose the columns
    ├── ModelError        M..     a model cannot be used
    │   ├── ModelMissingError          it is not on this machine: download it or choose another
    │   └── NetworkMissingError        it would have to be downloaded and there is no network
    ├── StoreError        S..     the data folder refuses: free space, change rights
    ├── JobError          J..     a job is not in a state that allows this
    ├── ExportError       E..     a result cannot be written in this form or place
    └── ApiError          A..     a request is refused: key, size, load

A message is one Chinese sentence that says what happened and with which value; the hint says what to do next.
The code is stable and meant for programs. Comment text never appears in an error.
A bad row is not an error: it is counted and kept (see ``schema.Reason``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = [
    "CODES",
    "ApiError",
    "ExportError",
    "InputError",
    "JobError",
    "MappingError",
    "ModelError",
    "ModelMissingError",
    "NetworkMissingError",
    "ReadError",
    "StoreError",
    "TingfengError",
]

#: Every code in use and its meaning. A test checks that each raised code is listed and each listed code is raised.
CODES: Final[dict[str, str]] = {
    # settings
    "I01": "unknown name in the settings file",
    "I02": "a setting has a value of the wrong kind or out of its range",
    "I07": "the settings file cannot be read",
    # read
    "R01": "no such file or folder",
    "R02": "the file is empty or holds no table",
    "R03": "no comment column could be found",
    "R04": "a named column does not exist",
    "R05": "the content is no table format",
    "R06": "the text encoding cannot be told or is unknown",
    "R07": "too large, on disk or once inflated",
    "R08": "damaged or incomplete",
    "R09": "protected by a password",
    "R10": "a named sheet does not exist",
    "R11": "a named delimiter cannot separate",
    "R12": "a named header row is empty or not there",
    "R13": "too many files in a folder or zip",
    "R14": "the file may not be read",
    "R15": "JSON without comment objects",
    # clean
    "C01": "a deduplication key is malformed",
    "C02": "no such time zone",
    "C03": "the mapping names a column that the chunk does not have",
    # score
    "M01": "no model or folder of that name",
    "M02": "the model is not on this machine",
    "M03": "the model hub does not answer",
    "M04": "a file of the model folder is missing or unreadable",
    "M05": "the weights would have to be unpickled",
    "M06": "the weights are incomplete, damaged or do not fit the configuration",
    "M07": "the classes of the model are no sentiment",
    "M08": "a model answered with NaN, no probabilities or the wrong shape",
    "M09": "the files of the model do not belong together",
    "M10": "the tokenizer cannot be used",
    "M11": "a package that the model needs is not installed",
    "M12": "the download failed",
    "M13": "the ONNX graph cannot be used",
    "M14": "the model has no such output",
    "M15": "the model ships with Tingfeng and is not downloaded",
    "M16": "there is no such label",
    "M17": "an engine or precision cannot run this model",
    "M18": "a compiled model cannot be written",
    "M20": "the labels and predictions to evaluate do not fit together",
    "M21": "a scoring option is out of its range",
    # store
    "S01": "the data folder cannot be used",
    "S02": "a database file is damaged",
    "S03": "the disk is full",
    "S04": "a file of labelled rows is damaged",
    "S05": "no such job in the data folder",
    "S06": "a query is refused or wrong",
    "S07": "an upload is too large",
    "S08": "a correction names no label",
    "S09": "a job is held by another process",
    "S10": "the result of an analysis that a filter names is gone",
    # jobs
    "J01": "an input file of a job is gone or has changed",
    "J02": "the model is not the one the job was begun with",
    "J03": "a job was stopped before its end and can be resumed",
    "J04": "no such job",
    "J05": "the job is not in a state that allows this",
    "J06": "a file yields other rows than when the job was begun",
    "J07": "an analysis failed for a reason nobody foresaw",
    "J08": "files are read otherwise than when the job was begun",
    # export
    "E01": "the output ends in no known format",
    "E02": "the output cannot be written there",
    "E03": "the disk is full while writing the output",
    "E04": "too many columns for an Excel sheet",
    "E05": "the output would overwrite an input file",
    "E06": "the output has another number of rows than the input",
    # command line
    "I03": "the command line is not understood",
    "I04": "the label column of a labelled file is not understood",
    "I05": "the server would be open to the network without an API key",
    "I06": "a folder of labelled sets holds none, or a set lacks its columns",
    # api
    "A20": "the text is blank or holds nothing to score",
    "A21": "the request body does not fit the schema",
    "A22": "a text is too long",
    "A23": "too many texts in one request",
    "A24": "the request body is too large",
    "A25": "the API key is missing or wrong",
    "A26": "off localhost and no API key is set up",
    "A27": "a Host header or Origin that is not ours",
    "A28": "no such address",
    "A29": "the address does not take this method",
    "A30": "an unexpected error in the server",
    "A31": "no such model, or not ready",
    "A32": "another HTTP error",
    "A33": "the model cannot tell emotions",
    "A34": "too much waits to be scored, or too many files are being read or written",
    "A35": "the service is shutting down",
    "A36": "the caller went away before the answer",
    "A37": "the result of a job is not finished",
    "A38": "this process takes no jobs",
    "A39": "no file, or too many files, in an upload",
    "A40": "a compressed body",
    # train
    # analyse
    "N01": "no such label",
    "N02": "a day of a filter is no date",
    "N03": "no such column to group, sort or show by",
    "N04": "a page of comments with a negative limit or offset",
    "N05": "a trend of comments of which none has a time",
    "N06": "a filter names a derived table that cannot exist",
    "N07": "a group to compare that cannot be or is not there",
    "N08": "a file of synonyms that cannot be read",
    "N12": "a number of topics that cannot be made",
    "N15": "a table that holds no dialogues",
    "N20": "there is no pack of that name",
    "N21": "the text or rows of a pack make no pack",
    # chart
    "N10": "no font with hanzi on this machine for a PNG",
    "N11": "no such image format",
}


class TingfengError(Exception):
    """An error with a stable code, a Chinese message and a Chinese hint.

    Args:
        code: A key of ``CODES``.
        message: What happened, with the value that caused it.
        hint: What to do next; may be empty only if the message says it.

    Example:
        >>> str(TingfengError("R01", "找不到文件:a.csv。", "请检查路径。"))
        '[R01] 找不到文件:a.csv。请检查路径。'
    """

    def __init__(self, code: str, message: str, hint: str = "") -> None:
        super().__init__(code, message, hint)
        self.code = code
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"[{self.code}] {self.message}{self.hint}"


class InputError(TingfengError):
    """An argument or a typed value is wrong."""


class ReadError(TingfengError):
    """A file cannot be read."""


class MappingError(ReadError):
    """The columns of a file do not fit the request."""


class ModelError(TingfengError):
    """A model cannot be used."""


class ModelMissingError(ModelError):
    """A model is not on this machine."""


class NetworkMissingError(ModelError):
    """A model would have to be downloaded and the network does not answer."""


class StoreError(TingfengError):
    """The data folder cannot be read or written."""


class JobError(TingfengError):
    """A job does not exist or is not in a state that allows the request."""


class ExportError(TingfengError):
    """A result cannot be written."""


class ApiError(TingfengError):
    """A request to the REST API is refused.

    Args:
        status: The HTTP status of the response.
        headers: Response headers, such as ``Retry-After``.
    """

    def __init__(
        self, code: str, message: str, hint: str = "", *, status: int = 400, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(code, message, hint)
        self.status = status
        self.headers = dict(headers or {})

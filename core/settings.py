"""Every limit and switch: its name, default, unit and one sentence.

A value comes from the environment (``TINGFENG_<NAME>``), else from ``tingfeng.toml`` in the working folder or
the file named by ``TINGFENG_CONFIG``, else from the default below.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import lru_cache
from pathlib import Path
from typing import Any

from core.errors import InputError

__all__ = ["PREFIX", "Settings", "describe", "get_settings", "load"]

PREFIX = "TINGFENG_"


def _setting(default: Any, sentence: str) -> Any:
    return field(default=default, metadata={"sentence": sentence})


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one process; see ``describe`` for the sentences."""

    data_dir: Path = _setting(Path("~/.tingfeng"), "Folder of jobs, uploads, caches and downloaded models.")
    backend: str = _setting(
        "builtin", "Model used when none is named: a name that the command models lists, or a folder."
    )
    cascade_backend: str = _setting("structbert", "Second model of cascade: a name or a folder.")
    threads: int = _setting(0, "CPU threads for scoring; 0 takes every core.")
    batch_tokens: int = _setting(1024, "Tokens in one scoring batch; its texts have one length, so none is padding.")
    max_windows: int = _setting(16, "Windows scored of one text; what lies beyond is not scored and is reported.")
    neutral_band: float = _setting(0.0, "A row with |p_positive - p_negative| below this is called neutral; 0 is off.")
    review_below: float = _setting(0.6, "A row whose confidence lies below this is marked for review.")
    chunk_rows: int = _setting(2000, "Rows read, scored and stored at a time.")
    cache_rows: int = _setting(5_000_000, "Most texts kept in the score cache; the oldest go first; 0 keeps none.")
    timezone: str = _setting("Asia/Shanghai", "Zone of times without one, and of all times shown.")
    max_file_mb: int = _setting(2048, "Largest input file, megabytes.")
    max_inflated_mb: int = _setting(8192, "Largest content of a zip or workbook once inflated, megabytes.")
    max_inflate_ratio: int = _setting(300, "Largest ratio of inflated to packed size of a zip or workbook.")
    max_members: int = _setting(2000, "Most files taken from one zip or folder.")
    max_cell_chars: int = _setting(1_000_000, "Longest cell, characters; longer rows are rejected and reported.")
    host: str = _setting("127.0.0.1", "Address the dashboard and API listen on.")
    port: int = _setting(8501, "Port the dashboard and API listen on.")
    api_key_sha256: str = _setting("", "SHA-256 hex of the API keys, comma-separated; needed off localhost.")
    api_max_chars: int = _setting(20_000, "Longest text the API accepts, characters.")
    api_max_texts: int = _setting(1_000, "Most texts in one API request.")
    api_max_body_mb: int = _setting(32, "Largest body of one API request, megabytes.")
    api_wait_ms: int = _setting(1, "Longest wait for company while the model is busy; a lone request never waits, ms.")
    api_queue_texts: int = _setting(5_000, "Most texts that wait to be scored; what comes beyond is refused with 429.")
    api_max_upload_mb: int = _setting(2048, "Largest upload of files to /api/jobs, all files together, megabytes.")
    api_max_files: int = _setting(50, "Most files in one upload to /api/jobs.")
    api_cors_origins: str = _setting("", "Web origins whose pages may call the API, comma-separated, as https://a.cn.")
    api_workers: int = _setting(1, "Processes of serve --api-only; they share the queue of jobs.")
    api_hosts: str = _setting("", "Further host names the API answers to, comma-separated; needed behind a proxy.")


def describe() -> list[tuple[str, str, str]]:
    """List every setting.

    Returns:
        (environment name, default as text, sentence), in the order of the class.

    Example:
        >>> describe()[1][:2]
        ('TINGFENG_BACKEND', 'builtin')
    """
    return [(PREFIX + f.name.upper(), str(f.default), f.metadata["sentence"]) for f in fields(Settings)]


def load(environment: Mapping[str, str], file: Path | None = None) -> Settings:
    """Read the settings from an environment and, under it, a TOML file.

    Args:
        environment: Variable names and values, such as ``os.environ``.
        file: A TOML file of lower-case names; None for no file.

    Raises:
        InputError: I01 an unknown name in the file, I02 a value of the wrong kind.

    Example:
        >>> load({"TINGFENG_CHUNK_ROWS": "500"}).chunk_rows
        500
    """
    values: dict[str, Any] = {}
    if file is not None:
        values.update(tomllib.loads(file.read_text(encoding="utf-8")))
    known = {f.name: f.default for f in fields(Settings)}
    for name in values:
        if name not in known:
            raise InputError("I01", f"配置文件里有不认识的设置:{name}。", f"可用的设置:{'、'.join(known)}。")
    values |= {name: environment[PREFIX + name.upper()] for name in known if PREFIX + name.upper() in environment}
    return Settings(**{name: _convert(name, value, known[name]) for name, value in values.items()})


def _convert(name: str, value: Any, default: Any) -> Any:
    kind = Path if isinstance(default, Path) else type(default)
    try:
        return kind(value)
    except (TypeError, ValueError) as exc:
        raise InputError("I02", f"设置 {name} 的值 {value!r} 不是 {kind.__name__}。", "请改正后重试。") from exc


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """Return the settings of this process, read once; ``data_dir`` is expanded and absolute."""
    named = os.environ.get(PREFIX + "CONFIG")
    file = Path(named) if named else Path("tingfeng.toml")
    settings = load(os.environ, file if named or file.is_file() else None)
    object.__setattr__(settings, "data_dir", settings.data_dir.expanduser().resolve())
    return settings

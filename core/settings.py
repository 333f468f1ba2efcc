"""Every limit and switch: its name, default, unit, one sentence, and the minimum and maximum of a number.

A value comes from the environment (``TINGFENG_<NAME>``), else from ``tingfeng.toml`` in the working directory or
the file named by ``TINGFENG_CONFIG``, else from the default below.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from core.errors import InputError

__all__ = ["PREFIX", "Settings", "describe", "get_settings", "load", "zone_of"]

PREFIX = "TINGFENG_"


def _setting(default: Any, sentence: str, least: float | None = None, largest: float | None = None) -> Any:
    return field(default=default, metadata={"sentence": sentence, "least": least, "largest": largest})


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one process; see ``describe`` for the sentences."""

    data_dir: Path = _setting(Path("~/.tingfeng"), "Folder for jobs, uploads, caches and downloaded models.")
    backend: str = _setting("builtin", "Default model: a name listed by the command `models`, or a folder.")
    cascade_backend: str = _setting("structbert", "Second model of a cascade: a name or a folder.")
    threads: int = _setting(0, "CPU threads used for scoring; 0 uses all cores.", 0, 1024)
    batch_tokens: int = _setting(
        1024,
        "Maximum tokens per scoring batch; texts in a batch have equal length, so there is no padding.",
        1,
        1_000_000,
    )
    max_windows: int = _setting(
        16, "Maximum windows scored per text; text beyond them is not scored, and this is reported.", 1, 10_000
    )
    neutral_band: float = _setting(
        0.0,
        "Rows whose p_positive and p_negative differ by less than this are labelled neutral; 0 disables it.",
        0,
        0.999,
    )
    review_below: float = _setting(0.6, "Rows with a confidence below this are marked for review.", 0, 0.999)
    chunk_rows: int = _setting(2000, "Rows read, scored and stored at a time.", 1, 1_000_000)
    cache_rows: int = _setting(
        5_000_000,
        "Maximum texts in the score cache; the oldest are removed first; 0 disables the cache.",
        0,
        1_000_000_000,
    )
    timezone: str = _setting("Asia/Shanghai", "Time zone of times that specify none, and of all displayed times.")
    max_file_mb: int = _setting(2048, "Maximum size of an input file, MB.", 1, 1_000_000)
    max_inflated_mb: int = _setting(8192, "Maximum uncompressed size of a zip file or workbook, MB.", 1, 1_000_000)
    max_inflate_ratio: int = _setting(
        300, "Maximum ratio of uncompressed to compressed size of a zip file or workbook.", 1, 1_000_000
    )
    max_members: int = _setting(2000, "Maximum files read from one zip file or folder.", 1, 1_000_000)
    max_cell_chars: int = _setting(
        1_000_000, "Maximum characters per cell; rows with longer cells are rejected and reported.", 1, 100_000_000
    )
    host: str = _setting("127.0.0.1", "Address on which the dashboard and the API listen.")
    port: int = _setting(8501, "Port on which the dashboard and the API listen.", 1, 65_535)
    api_key_sha256: str = _setting(
        "", "SHA-256 hashes of the API keys, hexadecimal, comma-separated; required unless `host` is local."
    )
    api_max_chars: int = _setting(20_000, "Maximum characters per text in an API request.", 1, 100_000_000)
    api_max_texts: int = _setting(1_000, "Maximum texts per API request.", 1, 1_000_000)
    api_max_body_mb: int = _setting(32, "Maximum body size of an API request, MB.", 1, 100_000)
    api_wait_ms: int = _setting(
        1, "Maximum time a request waits to be batched with others while the model is busy, ms.", 0, 60_000
    )
    api_queue_texts: int = _setting(
        5_000, "Maximum texts waiting to be scored; further requests are rejected with status 429.", 1, 100_000_000
    )
    api_max_upload_mb: int = _setting(
        2048, "Maximum total size of the files uploaded in one request to `/api/jobs`, MB.", 1, 1_000_000
    )
    api_max_files: int = _setting(50, "Maximum files uploaded in one request to `/api/jobs`.", 1, 100_000)
    api_cors_origins: str = _setting(
        "", "Web origins allowed to call the API, comma-separated, such as `https://a.cn`."
    )
    api_workers: int = _setting(1, "Number of processes of `serve --api-only`; they share the job queue.", 1, 256)
    api_hosts: str = _setting(
        "", "Additional host names that the API accepts, comma-separated; required behind a proxy."
    )


def describe() -> list[tuple[str, str, str, str]]:
    """List every setting.

    Returns:
        (environment name, default as text, minimum and maximum, sentence), in class order.

    Example:
        >>> describe()[3]
        ('TINGFENG_THREADS', '0', '0–1024', 'CPU threads used for scoring; 0 uses all cores.')
    """
    return [(PREFIX + f.name.upper(), str(f.default), _range(f), f.metadata["sentence"]) for f in fields(Settings)]


def load(environment: Mapping[str, str], file: Path | None = None) -> Settings:
    """Load the settings from an environment and, with lower precedence, a TOML file.

    Args:
        environment: Variable names and values, such as ``os.environ``.
        file: A TOML file with lower-case names; None for no file.

    Raises:
        InputError: I01 an unknown name in the file, I02 a value of the wrong type or out of range, I07 the file
            cannot be read, C02 no such time zone.

    Example:
        >>> load({"TINGFENG_CHUNK_ROWS": "500"}).chunk_rows
        500
    """
    values = {} if file is None else _read(file)
    known = {f.name: f for f in fields(Settings)}
    for name in values:
        if name not in known:
            raise InputError("I01", f"配置文件里有不认识的设置:{name}。", f"可用的设置:{'、'.join(known)}。")
    values |= {name: environment[PREFIX + name.upper()] for name in known if PREFIX + name.upper() in environment}
    settings = Settings(**{name: _convert(known[name], value) for name, value in values.items()})
    if "timezone" in values:
        zone_of(settings.timezone)
    return settings


def zone_of(timezone: str) -> ZoneInfo:
    """Return a time zone by IANA name.

    Raises:
        InputError: C02 no such time zone.
    """
    try:
        return ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as exc:
        raise InputError("C02", f"不认识的时区:{timezone}。", "请用 IANA 名称,例如 Asia/Shanghai。") from exc


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8-sig"))  # Windows editors start a file with a BOM
    except OSError as exc:
        raise InputError("I07", f"读不了配置文件 {file}。", f"请检查路径和权限,或去掉 {PREFIX}CONFIG。") from exc
    except ValueError as exc:  # not TOML, or not UTF-8
        hint = "每行应当形如 chunk_rows = 500,文件存为 UTF-8。"
        raise InputError("I07", f"配置文件 {file} 不是 TOML:{exc}。", hint) from exc


def _convert(setting: Field[Any], value: Any) -> Any:
    kind: Any = Path if isinstance(setting.default, Path) else type(setting.default)
    try:
        found = kind(value)
        if kind is int and isinstance(value, float | bool):
            raise ValueError(value)
    except (TypeError, ValueError, OverflowError) as exc:
        raise InputError("I02", f"设置 {setting.name} 的值 {value!r} 不是 {kind.__name__}。", "请改正后重试。") from exc
    if _range(setting) and not setting.metadata["least"] <= found <= setting.metadata["largest"]:
        raise InputError("I02", f"设置 {setting.name} 的值 {value!r} 不在 {_range(setting)} 之内。", "请改正后重试。")
    return found


def _range(setting: Field[Any]) -> str:
    """Return the permitted range of a setting for display; "" if it is not a number."""
    least, largest = setting.metadata["least"], setting.metadata["largest"]
    return "" if least is None else f"{least}–{largest}"


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """Return the settings of this process, read once; ``data_dir`` is expanded and absolute."""
    named = os.environ.get(PREFIX + "CONFIG")
    file = Path(named) if named else Path("tingfeng.toml")
    settings = load(os.environ, file if named or file.is_file() else None)
    object.__setattr__(settings, "data_dir", settings.data_dir.expanduser().resolve())
    return settings

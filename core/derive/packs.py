"""The active packs: as shipped, or as edited by people."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from core.mine.aspects import PACKS, Pack, parse, shipped, write
from core.store import PackFiles

__all__ = ["all_packs", "pack", "reset_pack", "save_pack", "undo_pack"]

_FOLDER: Final = "packs"


def pack(data_dir: Path, title: str) -> Pack:
    """Return the active version of a pack.

    Args:
        data_dir: The data folder.
        title: One of ``PACKS``.

    Raises:
        InputError: N20 no such pack, N21 its edited text is invalid.
    """
    known = shipped(title)
    text = _files(data_dir).text(title)
    return known if text is None else parse(text, title)


def all_packs(data_dir: Path) -> tuple[Pack, ...]:
    """Return the active versions of all packs."""
    return tuple(pack(data_dir, title) for title in PACKS)


def save_pack(data_dir: Path, changed: Pack) -> None:
    """Save an edited pack and make it active.

    Raises:
        InputError: N20 no pack with its title.
        StoreError: S01, S03 the data folder cannot be used.
    """
    shipped(changed.title)
    _files(data_dir).save(changed.title, write(changed))


def undo_pack(data_dir: Path, title: str) -> bool:
    """Undo the last change of a pack, including a reset; return whether there was one."""
    return _files(data_dir).undo(title)


def reset_pack(data_dir: Path, title: str) -> None:
    """Reset a pack to its shipped version; this can be undone like any change."""
    _files(data_dir).save(title, "")


def _files(data_dir: Path) -> PackFiles:
    return PackFiles(data_dir / _FOLDER)

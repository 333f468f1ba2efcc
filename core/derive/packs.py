"""The packs in force: as they ship, or as people changed them."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from core.mine.aspects import PACKS, Pack, parse, shipped, write
from core.store import PackFiles

__all__ = ["all_packs", "pack", "reset_pack", "save_pack", "undo_pack"]

_FOLDER: Final = "packs"


def pack(data_dir: Path, title: str) -> Pack:
    """Return a pack as it is in force.

    Args:
        data_dir: The data folder.
        title: One of ``PACKS``.

    Raises:
        InputError: N20 there is no such pack, N21 its changed text cannot be read.
    """
    known = shipped(title)
    text = _files(data_dir).text(title)
    return known if text is None else parse(text, title)


def all_packs(data_dir: Path) -> tuple[Pack, ...]:
    """Return all packs as they are in force."""
    return tuple(pack(data_dir, title) for title in PACKS)


def save_pack(data_dir: Path, changed: Pack) -> None:
    """Put a changed pack in force.

    Raises:
        InputError: N20 there is no pack of its title.
        StoreError: S01, S03 the data folder refuses.
    """
    shipped(changed.title)
    _files(data_dir).save(changed.title, write(changed))


def undo_pack(data_dir: Path, title: str) -> bool:
    """Take back the last change of a pack, a reset too; returns whether there was one."""
    return _files(data_dir).undo(title)


def reset_pack(data_dir: Path, title: str) -> None:
    """Put a pack in force as it ships; this can be undone like any change."""
    _files(data_dir).save(title, "")


def _files(data_dir: Path) -> PackFiles:
    return PackFiles(data_dir / _FOLDER)

"""Mentions of aspects for ``analyse aspects``, ``analyse tags`` and ``label --tags``."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.commands import console
from core.mine.aspects import PACKS
from core.schema import Backend

if TYPE_CHECKING:
    from core.commands.opened import Opened

__all__ = ["add_pack", "mentions_view"]


def add_pack(parser: argparse.ArgumentParser) -> None:
    """Add the option that names a pack."""
    parser.add_argument("--pack", metavar="词库", help=f"{'、'.join(PACKS)};默认按评论自动选择")


def mentions_view(
    found: Opened, backend: Backend, title: str | None, *, further: bool, user_words: Sequence[str] = ()
) -> str:
    """Find the mentions in all comments of a table and return the view.

    Args:
        found: The table.
        backend: The model that judges them.
        title: The pack; None = determined by the comments and reported.
        further: Also discover aspects missing from the pack.
        user_words: The user's dictionary.

    Raises:
        InputError: N20 there is no such pack.
    """
    from core.derive import Mentions
    from core.derive.packs import all_packs, pack
    from core.settings import get_settings

    folder = get_settings().data_dir
    packs = all_packs(folder) if title is None else (pack(folder, title),)
    recipe = Mentions(packs, backend.version, _There(backend), found=further, user_words=tuple(user_words))
    view = found.derive(recipe)
    _say_pack(found.store.derived(found.job_id).facts(view) or {})
    return view


@dataclass(frozen=True)
class _There:
    """Returns a model that is already loaded."""

    backend: Backend

    def __call__(self) -> Backend:
        return self.backend


def _say_pack(facts: dict[str, Any]) -> None:
    """Report which pack was chosen and with what confidence."""
    if not facts.get("chosen"):
        return
    others = "、".join(row["name"] for row in facts["found"])
    more = f" 另外从评论里发现:{others}。" if others else ""
    console.warn(
        f"提示:按评论选用词库「{facts['pack']}」(把握 {facts['sure']:.0%},{facts['covered']:.0%} 的评论用到它的词),"
        f"可用 --pack 指定。{more}"
    )

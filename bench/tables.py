"""Markdown tables of measured rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Section:
    """One case of the benchmark page.

    Attributes:
        title: Heading.
        what: What was measured and how, one or two sentences.
        header: Column names; the first column is text, the others are right-aligned.
        rows: Cells as text.
        notes: Sentences under the table.
    """

    title: str
    what: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    notes: Sequence[str] = field(default=())

    def markdown(self) -> str:
        """Return the section as Markdown."""
        line = " | "
        rule = ["---", *["---:"] * (len(self.header) - 1)]
        table = "\n".join(f"| {line.join(cells)} |" for cells in (self.header, rule, *self.rows))
        notes = "".join(f"\n\n{note}" for note in self.notes)
        return f"## {self.title}\n\n{self.what}\n\n{table}{notes}\n"

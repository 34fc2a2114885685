"""Text that flows down a column of a page and stops where there is no room."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from landuse.messages import text
from landuse.publish.sheet.paper import INK, MM_PER_POINT, PALE, Page, wrapped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from landuse.messages import Lang

__all__ = ["Column"]

_LEADING: Final = 1.32


class Column:
    """A column of ``width`` millimetres from ``top`` down to ``floor``; ``y`` is where it stands.

    What does not fit is left out, and a last line says so.
    """

    def __init__(self, page: Page, x: float, top: float, width: float, floor: float) -> None:
        self.page, self.x, self.y, self.width, self.floor = page, x, top, width, floor
        self.is_full = False

    def heading(self, words: str) -> None:
        """A heading with a line under it; only where two lines fit below."""
        if not self.fits(14):
            return
        self.y -= 6.0
        self.page.words(self.x, self.y, words, 10.5, weight="bold")
        self.page.line(self.x, self.y - 1.6, self.x + self.width, self.y - 1.6, 0.5)
        self.y -= 2.4

    def paragraph(
        self, words: str, size: float = 8.5, *, pale: bool = False, at: float = 0
    ) -> None:
        """A paragraph, ``at`` millimetres in; all of its lines or none."""
        lines = wrapped(self.page.fonts.legible(words), self.width - at, size)
        step = size * MM_PER_POINT * _LEADING
        if not self.fits(step * len(lines)):
            return
        for line in lines:
            self.y -= step
            self.page.words(self.x + at, self.y, line, size, color=PALE if pale else INK)
        self.y -= 0.6

    def pairs(self, pairs: Sequence[tuple[str, str]], *, columns: int = 2) -> None:
        """Names with their values, side by side in ``columns``, read across."""
        wide = self.width / columns
        step = 4.4
        for begin in range(0, len(pairs), columns):
            row = pairs[begin : begin + columns]
            name_width = 23.0
            values = [
                wrapped(self.page.fonts.legible(value), wide - name_width - 2, 8.5)
                for _, value in row
            ]
            tall = step * max(len(lines) for lines in values)
            if not self.fits(tall):
                return
            for place, ((name, _), lines) in enumerate(zip(row, values, strict=True)):
                left = self.x + place * wide
                self.page.words(left, self.y - step, name, 8, color=PALE)
                for down, line in enumerate(lines, 1):
                    self.page.words(left + name_width, self.y - step * down, line, 8.5)
            self.y -= tall

    def fits(self, height: float) -> bool:
        """Whether so many millimetres are left; if not, nothing more is put into the column."""
        if self.y - height < self.floor:
            self.is_full = True
        return not self.is_full

    def close(self, lang: Lang) -> None:
        """Say what was left out, if anything was."""
        if self.is_full:
            self.page.words(self.x, self.floor - 3.6, text("sheet.more", lang), 8, color=PALE)

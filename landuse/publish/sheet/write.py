"""Pages into a file, one at a time, whole or not at all; the same run gives the same bytes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from landuse import __version__
from landuse.errors import UserError
from landuse.messages import Lang, text
from landuse.publish.sheet.fonts import Fonts, find_fonts, printing
from landuse.publish.sheet.overview import Imprint, overview
from landuse.publish.sheet.paper import DPI
from landuse.publish.whole import whole_file

if TYPE_CHECKING:
    from landuse.publish.sheet.land import Land
    from landuse.publish.sheet.paper import Page

__all__ = ["SheetOptions", "Sheets", "write_sheet"]

_ENDINGS: Final = (".pdf", ".png")


@dataclass(frozen=True, slots=True)
class SheetOptions:
    """What a sheet looks like.

    ``title``: blank for that of the project; ``maker``: blank for a line to fill in; ``day``: the
    date of the sheet, the evaluation day where not given; ``atlas``: a page a plot after the sheet;
    ``font``: a file instead of a font of this machine; ``photo``: an orthophoto for the pages.
    """

    lang: Lang = "zh"
    title: str = ""
    maker: str = ""
    day: dt.date | None = None
    atlas: bool = False
    font: Path | None = None
    photo: Path | None = None


@dataclass(frozen=True, slots=True)
class Sheets:
    """What was written: the file, its pages, and signs that no font of this machine has."""

    path: Path
    pages: int
    unknown: tuple[str, ...] = ()


def write_sheet(land: Land, path: Path, options: SheetOptions, *, over: bool = False) -> Sheets:
    """Write the sheet of ``land`` to ``path`` (.pdf or .png).

    Raises :class:`landuse.errors.UserError`: no Chinese font, another ending, an atlas as PNG, no
    plot for an atlas, an orthophoto without one, or a file that may not be written.
    """
    ending = path.suffix.lower()
    if ending not in _ENDINGS:
        raise UserError.of("sheet.unknown_ending", value=path.name)
    if options.atlas and ending == ".png":
        raise UserError.of("sheet.atlas_is_pdf", value=path.name)
    if options.photo is not None and not options.atlas:
        raise UserError.of("sheet.photo_needs_atlas")
    if options.atlas and not land.pages:
        raise UserError.of("sheet.no_pages")
    fonts = find_fonts(options.font)
    imprint = _imprint(land, options)
    with whole_file(path, over=over) as part, printing(fonts):
        pages = _pages(land, fonts, imprint, options)
        count = _pdf(part, pages, imprint) if ending == ".pdf" else _png(part, next(pages))
    return Sheets(path, count, tuple(sorted(fonts.unknown)))


def _imprint(land: Land, options: SheetOptions) -> Imprint:
    project = land.run.manifest.get("project", {})
    day = options.day or dt.date.fromisoformat(str(project["as_of"]))
    name = str(project.get("name", ""))
    where = "" if land.chosen.all() else f" · {_where(land, options.lang)}"
    kind = "title" if land.run.graded else "title_idle"
    title = options.title or text(f"sheet.{kind}", options.lang, project=name, where=where)
    return Imprint(title, options.maker.strip(), day, options.lang)


def _where(land: Land, lang: Lang) -> str:
    """What part of a run a sheet shows: a park, one plot, or so many plots."""
    rows = land.plots.rows[land.chosen]
    if not land.by_code:
        return str(rows["park"].iloc[0])
    if len(rows) == 1:
        return str(rows["parcel_id"].iloc[0])
    return text("sheet.some_plots", lang, n=len(rows))


def _pages(land: Land, fonts: Fonts, imprint: Imprint, options: SheetOptions) -> Iterator[Page]:
    yield overview(land, fonts, imprint)
    if options.atlas:
        from landuse.publish.sheet.atlas import atlas_pages

        yield from atlas_pages(land, fonts, imprint, options.photo)


def _pdf(path: Path, pages: Iterator[Page], imprint: Imprint) -> int:
    from matplotlib.backends.backend_pdf import PdfPages

    made = dt.datetime.combine(imprint.day, dt.time(), dt.UTC)
    about = {
        "Title": imprint.title,
        "Creator": f"landuse {__version__}",
        "CreationDate": made,
        "ModDate": made,
    }
    count = 0
    with PdfPages(path, metadata=about) as book:
        for page in pages:
            book.savefig(page.figure, dpi=DPI)
            page.figure.clear()
            count += 1
    return count


def _png(path: Path, page: Page) -> int:
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    page.figure.set_canvas(FigureCanvasAgg(page.figure))
    page.figure.savefig(
        path, format="png", dpi=DPI, metadata={"Software": f"landuse {__version__}"}
    )
    return 1

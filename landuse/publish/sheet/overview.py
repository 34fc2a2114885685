"""The sheet: one map with its legend and what a reader must know about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from landuse.messages import text
from landuse.publish.map.secrecy import plots_warning
from landuse.publish.sheet.draw import map_grid, map_parks, map_plots, outline, show_frame
from landuse.publish.sheet.furniture import inset, north_arrow, scale_bar
from landuse.publish.sheet.labels import label_plots
from landuse.publish.sheet.legend import legend, legend_lines
from landuse.publish.sheet.paper import PALE, Page, wrapped
from landuse.publish.sheet.scale import frame_of

if TYPE_CHECKING:
    import datetime as dt

    from landuse.messages import Lang
    from landuse.publish.sheet.fonts import Fonts
    from landuse.publish.sheet.land import Land

__all__ = ["Imprint", "margins", "overview"]

_MAP: Final = (22.0, 31.0, 288.0, 236.0)
_SIDE: Final = (320.0, 86.0)
_NAMED: Final = 60


@dataclass(frozen=True)
class Imprint:
    """What is written on every page: its title, who made it, the day, the language."""

    title: str
    maker: str
    day: dt.date
    lang: Lang


def overview(land: Land, fonts: Fonts, imprint: Imprint) -> Page:
    """The page with the chosen plots of ``land``."""
    lang = imprint.lang
    page = Page(fonts)
    margins(page, imprint, imprint.title, land)
    x, y, width, height = _MAP
    frame = frame_of(land.extent(land.chosen), width, height, 0.96)  # type: ignore[arg-type]
    axes = page.axes(x, y, width, height)
    axes.set_label("map")
    show_frame(axes, frame)
    map_plots(axes, land, frame)
    map_grid(axes, frame)
    map_parks(axes, land, frame, fonts, size=11)
    if land.by_code:
        for shape in land.shapes[land.chosen]:
            outline(axes, shape, edgecolor="#c1121f", linewidth=1.4)
        if int(land.chosen.sum()) <= _NAMED:
            label_plots(axes, land, land.chosen, fonts)
    scale_bar(page, x, 15.0, frame, lang)
    left, wide = _SIDE
    north_arrow(page, left + wide - 12, 246, lang, size=20)
    inset(page, (left, 222.0, 68.0, 44.0), land, frame)
    page.words(left, 217.5, text("sheet.inset", lang), 7.5, color=PALE)
    end = legend(page, (left, 212.0, wide), legend_lines(land, frame, lang), lang)
    _notes(page, left, end - 5, wide, land, lang)
    return page


def margins(page: Page, imprint: Imprint, title: str, land: Land) -> None:
    """Neat line, title, mark of secrecy, and the line of maker, date and run below."""
    lang = imprint.lang
    page.box(8, 8, 404, 281, linewidth=1.0)
    shown = wrapped(page.fonts.legible(title), 270, 20)
    size = 20 if len(shown) == 1 else 15
    page.words(210, 274.0, wrapped(page.fonts.legible(title), 290, size)[0], size,
               ha="center", weight="bold")  # fmt: skip
    mark = text("sheet.internal", lang)
    page.words(406, 276, mark, 14, ha="right", weight="bold", color="#b00020")
    project = land.run.manifest.get("project", {})
    facts = {
        "maker": imprint.maker or text("sheet.blank", lang),
        "day": text("sheet.day", lang, y=imprint.day.year, m=imprint.day.month, d=imprint.day.day),
        "as_of": str(project.get("as_of", "")),
        "run_id": str(land.run.manifest.get("run_id", "")),
        "crs": land.crs_name,
    }
    page.words(406, 20.5, text("sheet.made", lang, **facts), 8.5, ha="right")
    page.words(406, 15.8, text("sheet.from", lang, **facts), 7.5, ha="right", color=PALE)
    page.words(406, 11.6, text("sheet.suspect_only", lang), 7.5, ha="right", color=PALE)


def _notes(page: Page, x: float, y: float, width: float, land: Land, lang: Lang) -> None:
    rules = land.run.rules
    project = land.run.manifest.get("project", {})
    codes = ["note_mu", "note_ledger" if land.with_ledger else "note_no_ledger", "note_rules"]
    facts = {
        "rules": rules.title_zh if lang == "zh" else rules.title_en,
        "version": f"{rules.name} {rules.version}",
        "year": project.get("year", ""),
    }
    for code in codes:
        for line in wrapped(page.fonts.legible(text(f"sheet.{code}", lang, **facts)), width, 7.5):
            page.words(x, y, line, 7.5, color=PALE)
            y -= 3.8
        y -= 1.2
    warning = plots_warning(land.shapes[land.chosen], land.crs.to_wkt(), lang)
    for line in wrapped(page.fonts.legible(warning), width, 7.5) if warning else ():
        page.words(x, y, line, 7.5, color="#b00020")
        y -= 3.8

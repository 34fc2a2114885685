"""The atlas: one page a plot, with its map, its card, and lines to decide on by hand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

import numpy as np

from landuse.messages import text
from landuse.publish.sheet.card import (
    case_lines,
    contract_lines,
    evidence_lines,
    identity,
    user_lines,
)
from landuse.publish.sheet.column import Column
from landuse.publish.sheet.draw import map_grid, map_plots, outline, show_frame, swatch
from landuse.publish.sheet.facts import Facts, Record
from landuse.publish.sheet.furniture import inset, north_arrow, scale_bar
from landuse.publish.sheet.labels import label_plots
from landuse.publish.sheet.legend import small_legend
from landuse.publish.sheet.looks import LOOKS
from landuse.publish.sheet.overview import Imprint, margins
from landuse.publish.sheet.paper import PALE, Page, wrapped
from landuse.publish.sheet.pictures import draw_strips, evidence_bars
from landuse.publish.sheet.scale import Frame, frame_of
from landuse.publish.words import class_label

if TYPE_CHECKING:
    from pathlib import Path

    from landuse.messages import Lang
    from landuse.publish.sheet.fonts import Fonts
    from landuse.publish.sheet.land import Land
    from landuse.publish.sheet.photo import Photo

__all__ = ["atlas_pages"]

_MAP: Final = (22.0, 31.0, 206.0, 236.0)
_MAP_SHORT: Final = (22.0, 145.0, 206.0, 122.0)
_PHOTO: Final = (22.0, 31.0, 206.0, 104.0)
_CARD: Final = (238.0, 168.0)
_DECISION: Final = (31.0, 46.0)
_SHARE: Final = 0.45
_NEIGHBOURS: Final = 40
_USERS: Final = 3
_CONTRACTS: Final = 2


def atlas_pages(
    land: Land, fonts: Fonts, imprint: Imprint, photo: Path | None = None
) -> Iterator[Page]:
    """A page for each plot of ``land.pages``, made when it is asked for."""
    facts = Facts(land)
    if photo is None:
        for number, place in enumerate(land.pages, 1):
            yield _page(land, facts, fonts, imprint, place, number, None)
        return
    from landuse.publish.sheet.photo import opened

    with opened(photo, land.crs) as image:
        for number, place in enumerate(land.pages, 1):
            yield _page(land, facts, fonts, imprint, place, number, image)


def _page(
    land: Land,
    facts: Facts,
    fonts: Fonts,
    imprint: Imprint,
    place: int,
    number: int,
    photo: Photo | None,
) -> Page:
    lang = imprint.lang
    page = Page(fonts)
    row = land.plots.rows.iloc[place]
    code = str(row["parcel_id"])
    where = f" · {row['park']}" if row["park"] else ""
    title = text("sheet.plot_title", lang, code=code, where=where)
    margins(page, imprint, title, land)
    of = text("sheet.page_of", lang, n=number, of=len(land.pages))
    page.words(14, 276, of, 9, color=PALE)
    frame = _map(page, land, place, fonts, lang, _MAP_SHORT if photo else _MAP)
    if photo is not None and frame is not None:
        _picture(page, land, place, photo, lang)
    x, wide = _CARD
    if frame is not None:
        inset(page, (x + wide - 58, 229.0, 44.0, 38.0), land, frame)
    north_arrow(page, x + wide - 11, 249, lang, size=18)
    _class(page, x, 258.0, land, place, lang)
    bottom, tall = _DECISION
    _card(page, facts, code, imprint, bottom + tall + 5)
    _decision(page, x, bottom, wide, tall, lang)
    return page


def _map(
    page: Page,
    land: Land,
    place: int,
    fonts: Fonts,
    lang: Lang,
    where: tuple[float, float, float, float],
) -> Frame | None:
    """The plot among its neighbours; ``None`` where it has no shape."""
    x, y, width, height = where
    axes = page.axes(x, y, width, height)
    axes.set_label("map")
    only = np.zeros(len(land.bounds), dtype=bool)
    only[place] = True
    if np.isnan(land.bounds[place, 0]):
        axes.set_xticks([])
        axes.set_yticks([])
        page.words(x + width / 2, y + height / 2, text("sheet.no_shape", lang), 11, ha="center")
        return None
    frame = frame_of(land.extent(only), width, height, _SHARE)  # type: ignore[arg-type]
    show_frame(axes, frame)
    map_plots(axes, land, frame, alike=True)
    map_grid(axes, frame, lines=5)
    outline(axes, land.shapes[place], edgecolor="#c1121f", linewidth=2.2, order=7)
    around = frame.holds(land.bounds) & ~only
    taken = label_plots(axes, land, only, fonts, size=9)
    if int(around.sum()) <= _NEIGHBOURS:
        label_plots(axes, land, around, fonts, size=6.5, taken=taken)
    scale_bar(page, _MAP[0], 15.0, frame, lang)
    small_legend(page, 102.0, 10.5, land, frame, lang)
    return frame


def _picture(page: Page, land: Land, place: int, photo: Photo, lang: Lang) -> None:
    """The same ground from above, at a scale that fills the picture."""
    x, y, width, height = _PHOTO
    only = np.zeros(len(land.bounds), dtype=bool)
    only[place] = True
    frame = frame_of(land.extent(only), width, height, _SHARE)  # type: ignore[arg-type]
    axes = page.axes(x, y, width, height)
    axes.set_label("photo")
    show_frame(axes, frame)
    axes.set_xticks([])
    axes.set_yticks([])
    image = photo.picture(frame, width, height)
    if image is None:
        page.words(x + width / 2, y + height / 2, text("sheet.photo_away", lang), 10, ha="center")
    else:
        edges = (frame.left, frame.right, frame.bottom, frame.top)
        axes.imshow(image, extent=edges, aspect="auto", interpolation="nearest", zorder=1)
        outline(axes, land.shapes[place], edgecolor="#ffe600", linewidth=2.0, order=7)
    name = wrapped(page.fonts.legible(text("sheet.photo", lang, name=photo.name)), width, 7.5)[0]
    page.words(x, y + height + 1.2, name, 7.5, color=PALE)


def _class(page: Page, x: float, y: float, land: Land, place: int, lang: Lang) -> None:
    """The class of the plot, large, beside the look that it has on the map."""
    kind = str(land.kinds[place])
    look = next(one for one in LOOKS if one.key == kind)
    axes = page.axes(x, y, 14, 8, frame=False)
    axes.set_xlim(0, 14)
    axes.set_ylim(0, 8)
    swatch(axes, 0.3, 0.3, 13.4, 7.4, look)
    for down, line in enumerate(wrapped(class_label(kind, lang), 84, 14)[:2]):
        page.words(x + 18, y + 2.4 - 6 * down, line, 14, weight="bold")


def _card(page: Page, facts: Facts, code: str, imprint: Imprint, floor: float) -> None:
    x, wide = _CARD
    lang = imprint.lang
    beside = Column(page, x, 255.0, wide - 62, floor)  # left of the inset
    graded = facts.land.run.graded
    beside.pairs(identity(facts.parcels[code][0], lang, graded=graded), columns=1)
    column = Column(page, x, min(beside.y, 227.0), wide, floor)
    if graded:
        _users(column, facts, code, lang)
    _rest(column, facts, code, lang)
    column.close(lang)


def _users(column: Column, facts: Facts, code: str, lang: Lang) -> None:
    """Who uses the plot, why it is listed, and where the main enterprise stands."""
    users = facts.users.get(code, [])
    column.heading(text("sheet.head_users", lang, n=len(users)))
    said = user_lines(users, facts, lang, _USERS) or [(text("sheet.no_users", lang), False)]
    for line, inner in said:
        column.paragraph(line, 8 if inner else 8.5, pale=inner, at=4 if inner else 0)
    main = facts.units.get(str(users[0]["uscc"])) if users else None
    strips = facts.strips(main[0]) if main else []
    if strips:
        column.heading(text("sheet.head_strips", lang, n=len(strips[0].values)))
        draw_strips(column, strips, facts.land.run.rules, lang)


def _rest(column: Column, facts: Facts, code: str, lang: Lang) -> None:
    """Contracts, images and the case, where there are any."""
    contracts = facts.contracts.get(code, [])
    if contracts:
        column.heading(text("sheet.head_contracts", lang))
        for line, inner in contract_lines(contracts, lang, _CONTRACTS):
            column.paragraph(line, 8 if inner else 8.5, at=4 if inner else 0)
    evidence = facts.evidence.get(code, [])
    if evidence:
        column.heading(text("sheet.head_evidence", lang))
        evidence_bars(column, evidence, evidence_lines(evidence, lang), lang)
    case: Record | None = next(iter(facts.cases.get(code, [])), None)
    if case is not None:
        column.heading(text("sheet.head_case", lang))
        for line, inner in case_lines(case, lang):
            column.paragraph(line, 8 if inner else 8.5, at=4 if inner else 0)


def _decision(page: Page, x: float, y: float, width: float, height: float, lang: Lang) -> None:
    """Boxes to tick and lines to write on: what the meeting decides."""
    page.box(x, y, width, height, linewidth=1.0)
    page.words(x + 3, y + height - 7, text("sheet.decision", lang), 10.5, weight="bold")
    at = x + 3
    for name in ("confirm", "reject", "survey", "defer", "object"):
        page.box(at, y + height - 15.5, 3.6, 3.6, linewidth=0.8)
        page.words(at + 5, y + height - 15, text(f"sheet.verdict_{name}", lang), 9.5)
        at += (width - 6) / 5
    page.words(x + 3, y + height - 24, text("sheet.reason", lang), 9.5)
    for down in (25.0, 33.0):
        page.line(x + 20, y + height - down, x + width - 4, y + height - down, 0.5)
    for name, left, right in (("signature", 3.0, 100.0), ("signed_on", 104.0, width - 4)):
        page.words(x + left, y + 4, text(f"sheet.{name}", lang), 9.5)
        page.line(x + left + 15, y + 3, x + right, y + 3, 0.5)

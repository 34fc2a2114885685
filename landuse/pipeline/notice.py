"""Notices of a run as files: beside the run folder, never in it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from landuse.errors import UserError
from landuse.messages import text
from landuse.publish.notice import KINDS, Term, area_list, firm_pages, publication_list
from landuse.publish.reader import open_run

if TYPE_CHECKING:
    from landuse.messages import Lang

__all__ = ["Written", "term_of", "write_notice"]


@dataclass(frozen=True, slots=True)
class Written:
    """The file, and how many rows or pages it has."""

    path: Path
    count: int


def term_of(
    first: dt.date | None, last: dt.date | None, days: int | None, office: str, contact: str
) -> Term:
    """The term from its first day and either its last day or the number of its days.

    Raises :class:`landuse.errors.UserError`: the end before the beginning, no day in it, both
    given and not agreeing, or days without a beginning.
    """
    if days is not None and days < 1:
        raise UserError.of("notice.no_days", value=days)
    if days is not None and first is None:
        raise UserError.of("notice.days_from_when", value=days)
    if days is not None and first is not None:
        counted = first + dt.timedelta(days=days - 1)
        if last is not None and last != counted:
            raise UserError.of("notice.days_differ", value=days, last=counted.isoformat())
        last = counted
    if first is not None and last is not None and last < first:
        raise UserError.of("notice.reversed", value=last.isoformat(), first=first.isoformat())
    return Term(first, last, office.strip(), contact.strip())


def write_notice(
    folder: Path,
    kind: str,
    term: Term,
    *,
    out: Path | None = None,
    keys: Sequence[str] = (),
    lang: Lang = "zh",
    over: bool = False,
) -> Written:
    """Write the notice ``kind`` (area, list or firm) of the run in ``folder``.

    The default place is beside the run folder, which is never touched. ``keys``: only these firms
    (kind firm). Raises :class:`landuse.errors.UserError`.
    """
    from landuse.publish.notice_book import write_firm_pages, write_list

    if kind not in KINDS:
        raise UserError.of("notice.unknown_kind", value=kind)
    if keys and kind != "firm":
        raise UserError.of("notice.key_only_firm")
    run = open_run(folder)
    if "low_efficiency" not in run.manifest.get("examined", ["low_efficiency"]):
        raise UserError.of("notice.land_only", value=str(folder))
    real = folder.resolve()
    name = f"{real.name}-{text(f'notice.sheet_{kind}', lang)}.xlsx"
    path = out if out is not None else real.parent / name
    if path.suffix.lower() != ".xlsx":
        raise UserError.of("notice.not_xlsx", value=path.name)
    if real in path.resolve().parents:
        raise UserError.of("notice.inside_run", value=str(path))
    if kind == "firm":
        pages = firm_pages(folder, term, keys, lang=lang)
        if not pages:
            raise UserError.of("notice.nobody_listed", value=str(folder))
        day = dt.date.fromisoformat(run.manifest["project"]["as_of"])
        write_firm_pages(pages, path, day, lang=lang, over=over)
        return Written(path, len(pages))
    notice = (area_list if kind == "area" else publication_list)(folder, term, lang=lang)
    write_list(notice, path, lang=lang, over=over)
    return Written(path, len(notice.rows))

"""On the terminal: what recording a run and opening its cases did, and how runs differ."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from landuse.cli import ledger_screen as screen
from landuse.messages import text

if TYPE_CHECKING:
    from landuse.ledger.findings import Differences
    from landuse.ledger.found_cases import Opened
    from landuse.ledger.lineage import Succession
    from landuse.ledger.models import Run
    from landuse.ledger.runs import Judged, Recorded
    from landuse.messages import Lang

__all__ = ["show_differences", "show_opened", "show_runs", "show_sample_ledger"]

_SHOWN: Final = 20


def show_sample_ledger(project: Path, run: Path, lang: Lang) -> None:
    """Open the ledger beside the sample, whatever ``LANDUSE_DB`` says, and show its totals."""
    from landuse.cli.ledger_options import now
    from landuse.ledger import open_ledger
    from landuse.ledger.totals import totals
    from landuse.ledger.urls import DEFAULT_NAME
    from landuse.pipeline.ledger import open_sample_cases

    with open_ledger(project.parent / DEFAULT_NAME) as ledger:
        opened = open_sample_cases(ledger, run, by="landuse demo", at=now())
        with ledger.read() as session:
            found = totals(session)
        screen.show_totals(found, lang)
        screen.say("sample_ledger", lang, n=opened, place=ledger.shown)


def show_opened(done: Opened, by: str, lang: Lang) -> None:
    """The cases that were opened, and every parcel with a finding that got none, with the why."""
    _recorded(done.recorded, by, lang)
    opening = done.opening
    new = [(one.mu_e4, one) for one in opening.new]
    cells: list[tuple[object, ...]] = [
        (text("ledger_cli.opened_new", lang), len(new), screen.mu(sum(mu for mu, _ in new))),
        (text("ledger_cli.opened_still", lang), len(opening.still), ""),
    ]
    others: tuple[tuple[str, Sequence[Any]], ...] = (
        ("settled", opening.settled),
        ("put_aside", opening.put_aside),
        ("succeeded", opening.succeeded),
        ("statutory", opening.statutory),
        ("without_area", opening.without_area),
    )
    for name, rows in others:
        if rows:
            cells.append((text(f"ledger_cli.opened_{name}", lang), len(rows), ""))
    screen.rows(text("ledger_cli.title_opened", lang), ("parcels", "count", "mu"), cells, lang)
    relapses = [
        (number, one.parcel_id, one.relapse_of.number if one.relapse_of else "")
        for number, one in done.relapses
    ]
    heads = ("number", "parcel", "relapse_of")
    _some(text("ledger_cli.title_relapses", lang), heads, relapses, lang)
    aside = [(one.number, parcel) for parcel, one in opening.put_aside]
    _some(text("ledger_cli.title_put_aside", lang), ("number", "parcel"), aside, lang)
    idle = [(one.number, parcel) for parcel, one in opening.now_idle]
    _some(text("ledger_cli.title_now_idle", lang), ("number", "parcel"), idle, lang)
    if idle:
        screen.say("reclassify_hint", lang, number=idle[0][0])
    for kind in done.not_looked_for:
        _say_of(done, "not_looked_for", (kind,), lang)
    if done.numbers:
        first, last = done.numbers[0], done.numbers[-1]
        screen.say("opened", lang, n=len(done.numbers), first=first, last=last, by=by)
    elif not done.found:
        _say_of(done, "found_none", done.kinds, lang)
    else:
        screen.say("opened_none", lang)


def _say_of(done: Opened, code: str, kinds: Sequence[str], lang: Lang) -> None:
    joint = "、" if lang == "zh" else ", "
    words = joint.join(screen.word("kind", kind, lang) for kind in kinds)
    screen.say(code, lang, run=done.recorded.run.run_id, kind=words)


def _recorded(done: Recorded, by: str, lang: Lang) -> None:
    run = done.run
    code = "run_recorded" if done.is_new else "run_known"
    values = {"run": run.run_id, "as_of": run.as_of, "by": by if done.is_new else run.recorded_by}
    screen.say(code, lang, **values)
    if done.before is not None and done.differences is not None and done.is_new:
        show_differences(done.before, done.differences, lang)
    _judged(done.judged, lang)
    _succeeded(done.successions, lang)


def show_differences(before: Run, found: Differences, lang: Lang) -> None:
    """New, gone, still there, and the figures that moved, against the run before."""
    title = text("ledger_cli.title_since", lang, run=before.run_id, as_of=before.as_of)
    cells = []
    for kind in ("low_efficiency", "idle"):
        counts = [frame[frame["kind"] == kind] for frame in (found.new, found.gone, found.still)]
        changed = found.moved.loc[found.moved["kind"] == kind, "parcel_id"].nunique()
        if any(map(len, counts)):
            words = screen.word("kind", kind, lang)
            cells.append((words, *(f"{len(one)}（{_sum(one)}）" for one in counts), changed))
    screen.rows(title, ("finding", "new", "gone", "still", "moved"), cells, lang)
    moved = found.moved[found.moved["figure"] == "mu_e4"]
    rows = [
        (screen.word("kind", kind, lang), parcel, screen.mu(a), screen.mu(b))
        for kind, parcel, a, b in moved[["kind", "parcel_id", "before", "after"]].itertuples(
            index=False
        )
    ]
    _some(
        text("ledger_cli.title_moved", lang), ("finding", "parcel", "before", "after"), rows, lang
    )
    for name in ("new", "gone"):
        frame = getattr(found, name)
        listed = [
            (screen.word("kind", kind, lang), parcel, screen.mu(mu))
            for kind, parcel, mu in frame[["kind", "parcel_id", "mu_e4"]].itertuples(index=False)
        ]
        _some(text(f"ledger_cli.title_{name}", lang), ("finding", "parcel", "mu"), listed, lang)


def _sum(frame: Any) -> str:  # noqa: ANN401 - a frame of findings
    return screen.mu(int(frame["mu_e4"].sum())) or "0"


def _judged(judged: Sequence[Judged], lang: Lang) -> None:
    cells = [
        (one.number, one.parcel_id, text(f"ledger_cli.judged_{one.why}", lang)) for one in judged
    ]
    _some(text("ledger_cli.title_judged", lang), ("number", "parcel", "why"), cells, lang)


def _succeeded(found: Sequence[Succession], lang: Lang) -> None:
    cells = [
        (
            *(one.case_number, one.previously_part_of, one.parcel_id),
            *(text(f"ledger_cli.how_{one.how}", lang), f"{one.share:.1%}"),
        )
        for one in found
    ]
    heads = ("number", "part_of", "parcel", "how", "share")
    _some(text("ledger_cli.title_lineage", lang), heads, cells, lang)
    if cells:
        first = found[0]
        screen.say(
            "adopt_hint",
            lang,
            number=first.case_number,
            old=first.previously_part_of,
            new=first.parcel_id,
        )


def _some(
    title: str, heads: Sequence[str], cells: Sequence[tuple[object, ...]], lang: Lang
) -> None:
    screen.rows(title, heads, cells[:_SHOWN], lang)
    if len(cells) > _SHOWN:
        screen.say("more", lang, n=len(cells) - _SHOWN)


def show_runs(runs: Sequence[tuple[Run, dict[str, tuple[int, int]]]], lang: Lang) -> None:
    """The recorded runs with how many parcels each found, and their mu.

    A narrow terminal leaves out the rule pack, so that no figure is broken.
    """
    cells = [
        (
            *(run.run_id, run.as_of, run.year, f"{run.pack} {run.pack_version}"),
            *(
                f"{found[kind][0]}（{screen.mu(found[kind][1])}）" if kind in found else "–"
                for kind in ("low_efficiency", "idle")
            ),
            run.recorded_by,
        )
        for run, found in runs
    ]
    heads = ["run", "as_of", "year", "pack", "low_efficiency", "idle", "by"]
    shown = [at for at, head in enumerate(heads) if head != "pack" or screen.is_wide()]
    table = [[row[at] for at in shown] for row in cells]
    screen.rows("", [heads[at] for at in shown], table, lang)
    if not cells:
        screen.say("no_runs", lang)

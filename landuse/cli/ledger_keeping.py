"""The ledger commands about runs, objections and the ledger as a whole."""

# No `from __future__ import annotations`: see landuse.cli.commands.

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

from landuse.cli import ledger_screen as screen
from landuse.cli.ledger_acts import change, floor, mu
from landuse.cli.ledger_options import Desk, argument, coded, desk, flag, option
from landuse.errors import UserError
from landuse.messages import Lang, text

__all__ = ["commands"]


def commands(lang: Lang) -> dict[str, Callable[..., int]]:
    """The commands by name."""
    return {
        "open": _open(lang),
        "runs": _runs(lang),
        "adopt": _adopt(lang),
        "object": _object(lang),
        "decide": _decide(lang),
        "corrections": _corrections(lang),
        "verify": _verify(lang),
        "backup": _backup(lang),
        "restore": _restore(lang),
        "copy": _copy(lang),
    }


def _open(lang: Lang) -> Callable[..., int]:
    @desk(lang, writes=True)
    def open_(
        at: Desk,
        run: Annotated[Path | None, argument("run", lang)] = None,
        kind: Annotated[str, option("kind", lang)] = "",
        parcel: Annotated[list[str] | None, option("parcel", lang)] = None,
        mu_: Annotated[str | None, option("mu", lang)] = None,
        floor_: Annotated[str | None, option("floor", lang)] = None,
        enterprise: Annotated[str, option("enterprise", lang)] = "",
        park: Annotated[str, option("park", lang)] = "",
        township: Annotated[str, option("township", lang)] = "",
        address: Annotated[str, option("address", lang)] = "",
    ) -> int:
        if (run is None) == (not parcel):
            raise UserError.of("ledger_cli.run_or_parcel")
        if run is not None:
            from landuse.cli.ledger_found import show_opened
            from landuse.pipeline.ledger import open_found_cases

            wanted = coded("kind", kind) or "both"
            with at.ledger(create=True) as ledger:
                show_opened(open_found_cases(ledger, run, wanted, **at.who), at.by, lang)
            return 0
        if mu_ is None or not kind:
            raise UserError.of("ledger_cli.by_hand_needs")
        from landuse.ledger.cases import CaseForm, ParcelForm, open_case

        form = CaseForm(
            kind=coded("kind", kind),
            parcels=tuple(ParcelForm(code.strip()) for code in parcel or ()),
            mu_e4=mu(mu_) or 0,
            floor_area_m2_e2=floor(floor_),
            original_enterprises=enterprise,
            park=park,
            township=township,
            address=address,
        )
        with at.ledger(create=True) as ledger:
            with ledger.write() as session:
                number = open_case(session, form, **at.who).number
            screen.say("opened", lang, n=1, first=number, last=number, by=at.by)
        return 0

    return open_


def _runs(lang: Lang) -> Callable[..., int]:
    @desk(lang, writes=False)
    def runs(at: Desk) -> int:
        from landuse.cli.ledger_found import show_differences, show_runs
        from landuse.ledger.runs import latest_differences, recorded_runs

        with at.ledger() as ledger, ledger.read() as session:
            show_runs(recorded_runs(session), lang)
            since = latest_differences(session)
        if since is not None:
            show_differences(*since, lang)
        return 0

    return runs


def _adopt(lang: Lang) -> Callable[..., int]:
    @desk(lang, writes=True)
    def adopt(
        at: Desk,
        case: Annotated[str, argument("case", lang)],
        old: Annotated[str, argument("old_parcel", lang)],
        new: Annotated[list[str], argument("new_parcels", lang)],
        run: Annotated[Path | None, option("run", lang)] = None,
        revision: Annotated[int | None, option("revision", lang)] = None,
    ) -> int:
        from landuse.ledger.cases import ParcelForm
        from landuse.ledger.land import replace_parcel
        from landuse.ledger.runs import shape_of
        from landuse.pipeline.ledger_runs import shapes_in

        shapes = shapes_in(run, new) if run is not None else {}

        def work(session: Any, row: Any) -> None:  # noqa: ANN401
            forms = [
                ParcelForm(code, geometry=shapes.get(code) or shape_of(session, code))
                for code in new
            ]
            replace_parcel(session, row, old, forms, expected_revision=revision, **at.who)

        return change(at, case, work)

    return adopt


def _object(lang: Lang) -> Callable[..., int]:
    @desk(lang, writes=True)
    def object_(
        at: Desk,
        case: Annotated[str, option("case", lang)] = "",
        table: Annotated[str, option("table", lang)] = "parcels",
        key: Annotated[str, option("key", lang)] = "",
        column: Annotated[str, option("column", lang)] = "registered_area",
        old: Annotated[str, option("old", lang)] = "",
        new: Annotated[str, option("new", lang)] = "",
        evidence: Annotated[Path | None, option("evidence", lang)] = None,
    ) -> int:
        from landuse.ledger.objections import Objection
        from landuse.pipeline.ledger import object_with_evidence

        said = Objection(table, key, column, old, new, at.why)
        with at.ledger(create=True) as ledger:
            row = object_with_evidence(ledger, said, case, evidence, by=at.by, at=at.now)
            screen.say("objected", lang, n=row.id, key=row.key, column=row.column, by=at.by)
            if not row.old:
                screen.say("objected_without_old", lang)
        return 0

    return object_


def _decide(lang: Lang) -> Callable[..., int]:
    @desk(lang, writes=True)
    def decide(
        at: Desk,
        number: Annotated[int, argument("objection", lang)],
        decision: Annotated[str, argument("decision", lang)],
    ) -> int:
        from landuse.ledger.objections import decide as settle

        with at.ledger() as ledger:
            with ledger.write() as session:
                status = settle(session, number, decision, **at.who).status
            words = text(f"ledger_runs.status_{status}", lang)
            screen.say("decided", lang, n=number, status=words, by=at.by)
        return 0

    return decide


def _corrections(lang: Lang) -> Callable[..., int]:
    @desk(lang, writes=False)
    def corrections(
        at: Desk,
        file: Annotated[Path | None, argument("corrections", lang)] = None,
        replace: Annotated[bool, flag("replace", lang)] = False,
    ) -> int:
        from landuse.ledger.objections import listed, outcomes
        from landuse.pipeline.ledger import write_corrections

        with at.ledger() as ledger:
            if file is not None:
                n = write_corrections(ledger, at.project, file, over=replace)
                screen.say("corrections_written", lang, n=n, path=file)
                return 0
            with ledger.read() as session:
                found, became = listed(session), outcomes(session)
        screen.show_objections(found, became, lang)
        return 0

    return corrections


def _verify(lang: Lang) -> Callable[..., int]:
    @desk(lang, writes=False)
    def verify(at: Desk) -> int:
        from landuse.ledger.verify import verify as prove

        with at.ledger() as ledger:
            with ledger.read() as session:
                faults = prove(session)
            if not faults:
                screen.say("verified", lang, place=ledger.shown)
                return 0
        raise UserError(faults)

    return verify


def _backup(lang: Lang) -> Callable[..., int]:
    @desk(lang, writes=False)
    def backup(at: Desk, file: Annotated[Path, argument("backup", lang)]) -> int:
        from landuse.ledger.backup import backup as save

        with at.ledger() as ledger:
            counts = save(ledger, file)
            screen.say("backed_up", lang, place=ledger.shown, path=file, n=counts["cases"])
        return 0

    return backup


def _restore(lang: Lang) -> Callable[..., int]:
    @desk(lang, writes=False)
    def restore(at: Desk, file: Annotated[Path, argument("backup", lang)]) -> int:
        from landuse.ledger import shown
        from landuse.ledger.backup import restore as bring_back

        url = at.url()
        counts = bring_back(url, file, backups=at.backups(url))
        screen.say("restored", lang, place=shown(url), path=file, n=counts["cases"])
        return 0

    return restore


def _copy(lang: Lang) -> Callable[..., int]:
    @desk(lang, writes=False)
    def copy(at: Desk, to: Annotated[str, option("to_url", lang, "--to")]) -> int:
        from landuse.ledger import shown
        from landuse.ledger.copying import copy as transfer

        with at.ledger() as ledger:
            told = transfer(ledger, to)
            values = {"n": told["cases"].rows, "events": told["events"].rows}
            screen.say("copied", lang, place=ledger.shown, to=shown(to), **values)
        return 0

    return copy

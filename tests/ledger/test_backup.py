"""Backup, restore and copy: all of it, proved equal, or nothing."""

from __future__ import annotations

import contextlib
import hashlib
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from ledger_acts import SQUARE, new_case, refused, who
from ledger_databases import PASSWORD
from sqlalchemy import text
from sqlalchemy.orm import Session

from landuse.ledger import Ledger, canonical, copying, events, open_ledger, park_book, replay
from landuse.ledger.backup import KEPT, backup, restore, safety_backup
from landuse.ledger.corrections import add_correction, change_correction
from landuse.ledger.models import Case, CaseParcel, Finding, Run
from landuse.ledger.review_models import Account, Login, Meeting, Review, SignIn

TABLES = set(canonical.TABLES)


def url_of(ledger: Ledger) -> str:
    return ledger.url.render_as_string(hide_password=False)


def fill(ledger: Ledger) -> None:
    """Something in every table, with relapse, undo and every kind of value."""
    from ledger_acts import AT

    with ledger.write() as session:
        run = Run(
            run_id="2026-01", as_of=AT.date(), year=2025, pack="p", pack_version="1",
            rules_digest="d", inputs_json=[{"path": "宗地.shp", "sha256": "0"}],
            totals_json={"parcels": 1}, recorded_at=AT, recorded_by="张三",
        )  # fmt: skip
        session.add(run)
        session.flush()
        session.add(
            Finding(
                run_id=run.id, kind="idle", parcel_id="A", mu_e4=5, geometry=SQUARE,
                enterprises_json=[], detail_json={"finding": "not_started"},
            )
        )  # fmt: skip
        first = new_case(session, parcels=[{"parcel_id": "A", "geometry": SQUARE}])
        events.add_part(session, first, {"mu_e4": 125_000, "floor_area_m2_e2": 1}, **who())
        events.add_document(session, first, {"name": "认定书", "served_on": AT.date()}, **who())
        events.change(session, first, {"state": "closed", "notes": "换\n行\t“”\\N"}, **who())
        events.change(session, first, {"progress": "x"}, **who())
        events.undo(session, events.history(session, first)[-1].id, **who())
        new_case(session, "2026-002", relapse_of=first.id, parcels=[{"parcel_id": "A"}])
        new_case(session, "2026-003", case_mu_e4=2**62, parcels=[])
        fields = dict.fromkeys(("table_name", "key", "column", "old", "new", "reason"), "x")
        one = add_correction(session, {**fields, "case_id": first.id}, **who())
        change_correction(session, one.id, {"status": "accepted"}, **who())
        _meet(session, first)


def _meet(session: Session, case: Case) -> None:
    """A row in each table of the meeting."""
    from ledger_acts import AT

    meeting = Meeting(
        number="2026-会-01", title="例会\n", run_id="2026-01", agenda_json=["A"], opened_at=AT,
        opened_by="张三",
    )  # fmt: skip
    account = Account(
        name="张三", name_key="张三", role="viewer", password_hash="x", created_at=AT,
        created_by="王工", changed_at=AT, changed_by="王工",
    )  # fmt: skip
    session.add_all([meeting, account])
    session.flush()
    session.add_all(
        [
            Review(
                run_id="2026-01", parcel_id="A", case_id=case.id, verdict="survey", by="张三",
                at=AT, meeting_id=meeting.id, opened_case=False, from_state="suspected",
                to_state="found", act=1, revision=1, mu_e4=125_000,
            ),
            SignIn(token_sha256="0", account_id=account.id, created_at=AT, expires_at=AT,
                   last_seen_at=AT),
            Login(at=AT, name="张三", name_key="张三", address="127.0.0.1", outcome="ok"),
        ]
    )  # fmt: skip
    change = park_book.Change("projects", "甲\n", None, {"project": "甲\n", "invested": None})
    gone = park_book.Change("projects", "甲\n", change.after, None)
    for one in (change, gone):
        park_book.record(
            session, [one], source_name="园区.xlsx", source_sha256="0", by="张三", at=AT
        )


def held(ledger: Ledger) -> dict[str, copying.Tally]:
    with ledger.read() as session:
        return copying.tallies(session.connection())


def signed_out(rows: dict[str, copying.Tally]) -> dict[str, copying.Tally]:
    """The same rows without a session."""
    empty = copying.Tally(digest=hashlib.sha256().hexdigest())
    return {**rows, "sessions": empty}


COUNTS = {
    "runs": 1, "findings": 1, "cases": 3, "case_parcels": 2, "parts": 1, "documents": 1,
    # 2 + 2 + 1 created; part, document, 2 changes, 1 change, its undo; correction and its decision
    "events": 5 + 1 + 1 + 2 + 1 + 1 + 2, "corrections": 1,
    "meetings": 1, "reviews": 1, "accounts": 1, "sessions": 1, "logins": 1,
    "park_imports": 2, "park_rows": 2, "run_units": 0,
}  # fmt: skip
RESTORED = {**COUNTS, "sessions": 0}
"""A backup is everything; restored from it, nobody is signed in."""


def test_a_backup_is_one_file_with_everything(ledger: Ledger, tmp_path: Path) -> None:
    fill(ledger)
    assert backup(ledger, tmp_path / "备份.db") == COUNTS
    assert sorted(p.name for p in tmp_path.iterdir() if p.name.startswith((".", "备份"))) == [
        "备份.db"
    ]
    with open_ledger(tmp_path / "备份.db", create=False) as saved:
        assert held(saved) == held(ledger)
        with saved.read() as session:
            assert not list(replay.differences(session))


def test_a_backup_never_overwrites(ledger: Ledger, tmp_path: Path) -> None:
    (tmp_path / "x.db").write_text("mine")
    assert refused(lambda: backup(ledger, tmp_path / "x.db")) == ["ledger.backup_exists"]
    assert refused(lambda: backup(ledger, tmp_path / "no" / "x.db")) == ["ledger.no_folder"]
    assert (tmp_path / "x.db").read_text() == "mine"


def test_restoring_brings_back_that_day_and_keeps_what_was_there(
    ledger: Ledger, tmp_path: Path
) -> None:
    fill(ledger)
    before = held(ledger)
    file = tmp_path / "b.db"
    backup(ledger, file)
    saved = file.read_bytes()
    with ledger.write() as session:
        events.change(session, session.get_one(Case, 3), {"notes": "later"}, **who())
        new_case(session, "2026-004")
    after = held(ledger)
    assert restore(url_of(ledger), file, backups=ledger.backups) == RESTORED
    assert held(ledger) == signed_out(before)
    assert file.read_bytes() == saved
    (kept,) = ledger.backups.glob("*-restore.db")
    with open_ledger(kept) as former:
        assert held(former) == after
    with ledger.write() as session:  # the next keys and the guards are as they should be
        new_case(session, "2026-004")
        events.change(session, session.get_one(Case, 3), {"notes": "again"}, **who())
        assert not list(replay.differences(session))
    with pytest.raises(Exception, match="append-only"), ledger.write() as session:
        session.execute(text("DELETE FROM events"))
    for table in ("reviews", "logins"):
        with pytest.raises(Exception, match="append-only"), ledger.write() as session:
            session.execute(text(f"UPDATE {table} SET at = at"))


def test_restoring_into_a_database_that_does_not_exist_yet(
    ledger: Ledger, postgis_url: Callable[[], str], tmp_path: Path
) -> None:
    fill(ledger)
    backup(ledger, tmp_path / "b.db")
    places = [str(tmp_path / "new.db")]
    if ledger.file is None:
        places.append(postgis_url())
    for place in places:
        assert restore(place, tmp_path / "b.db", backups=tmp_path / "none") == RESTORED
        with open_ledger(place) as made:
            assert held(made) == signed_out(held(ledger))
    assert not (tmp_path / "none").exists()


def test_what_is_no_backup_is_refused_and_the_ledger_stays(ledger: Ledger, tmp_path: Path) -> None:
    fill(ledger)
    before = held(ledger)
    page = tmp_path / "page.db"
    page.write_text("<html>" * 1000)
    other = tmp_path / "other.db"
    with contextlib.closing(sqlite3.connect(other)) as connection:
        connection.execute("CREATE TABLE x (y)")
    cut = tmp_path / "cut.db"
    backup(ledger, cut)
    cut.write_bytes(cut.read_bytes()[:20000])
    for file in (page, other, cut):
        work = lambda file=file: restore(url_of(ledger), file, backups=ledger.backups)  # noqa: E731
        assert refused(work) == ["ledger.backup_bad"]
    absent = lambda: restore(url_of(ledger), tmp_path / "absent.db")  # noqa: E731
    assert refused(absent) == ["ledger.backup_absent"]
    assert held(ledger) == before
    assert not ledger.backups.exists()


def test_a_damaged_ledger_is_put_aside_and_the_backup_takes_its_place(tmp_path: Path) -> None:
    place = tmp_path / "landuse.db"
    with open_ledger(place) as ledger:
        fill(ledger)
        backup(ledger, tmp_path / "b.db")
    place.write_bytes(b"rubbish" * 1000)
    assert refused(lambda: open_ledger(place)) == ["ledger.not_a_database"]
    assert restore(place, tmp_path / "b.db") == RESTORED
    assert (tmp_path / "landuse.db.damaged-1").read_bytes() == b"rubbish" * 1000


def test_restoring_waits_for_a_lock_only_so_long(tmp_path: Path) -> None:
    place = tmp_path / "landuse.db"
    with open_ledger(place) as ledger:
        fill(ledger)
        backup(ledger, tmp_path / "b.db")
        before = held(ledger)
        with contextlib.closing(sqlite3.connect(place, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            work = lambda: restore(place, tmp_path / "b.db", wait_seconds=0.3)  # noqa: E731
            assert refused(work) == ["ledger.locked"]
        assert held(ledger) == before


def test_the_last_ten_automatic_backups_are_kept(ledger: Ledger) -> None:
    assert safety_backup(ledger, "import") is None  # nothing in it, nothing to lose
    fill(ledger)
    ledger.backups.mkdir()
    foreign = ledger.backups / "other-00001-import.db"
    foreign.write_text("of another ledger")
    made = [safety_backup(ledger, "import") for _ in range(KEPT + 2)]
    kept = sorted(ledger.backups.iterdir())
    assert foreign in kept
    assert [file for file in kept if file != foreign] == made[2:]
    assert [file.name.rsplit("-", 2)[1:] for file in made[-1:]] == [["00012", "import.db"]]
    for file in kept:
        assert PASSWORD not in file.name
        assert "geheim" not in file.name


def test_a_backup_taken_while_others_write_is_one_moment(ledger: Ledger, tmp_path: Path) -> None:
    with ledger.write() as session:
        key = new_case(session).id
    stop = threading.Event()

    def work() -> None:
        with open_ledger(url_of(ledger), backups=ledger.backups) as mine:
            count = 0
            while not stop.is_set():
                count += 1
                with mine.write() as session:
                    case = session.get_one(Case, key)
                    events.change(session, case, {"notes": str(count)}, **who())

    writer = threading.Thread(target=work)
    writer.start()
    try:
        for number in range(5):
            backup(ledger, tmp_path / f"{number}.db")
    finally:
        stop.set()
        writer.join()
    for number in range(5):
        with open_ledger(tmp_path / f"{number}.db") as saved, saved.read() as session:
            assert not list(replay.differences(session))


@pytest.fixture
def elsewhere(
    request: pytest.FixtureRequest, tmp_path: Path, postgis_url: Callable[[], str]
) -> str:
    return str(tmp_path / "copy.db") if request.param == "sqlite" else postgis_url()


@pytest.mark.parametrize("elsewhere", ["sqlite", "postgis"], indirect=True)
def test_a_copy_holds_the_same_on_every_kind_of_database(ledger: Ledger, elsewhere: str) -> None:
    fill(ledger)
    told = copying.copy(ledger, elsewhere)
    assert {table: tally.rows for table, tally in told.items()} == COUNTS
    assert told == held(ledger)
    # 125 000 + 125 000 + 2⁶² over the cases
    assert told["cases"].sums["case_mu_e4"] == 250_000 + 2**62
    with open_ledger(elsewhere) as made, made.write() as session:
        events.change(session, session.get_one(Case, 3), {"notes": "x"}, **who())
        new_case(session, "2026-004")
        assert not list(replay.differences(session))
        near = session.query(CaseParcel).filter(CaseParcel.min_x.is_not(None)).count()
        assert near == 2
    assert held(ledger) == told


def test_a_copy_does_not_go_over_another_ledger_or_itself(ledger: Ledger, tmp_path: Path) -> None:
    fill(ledger)
    assert refused(lambda: copying.copy(ledger, url_of(ledger))) == ["ledger.target_is_source"]
    place = tmp_path / "other.db"
    with open_ledger(place) as other:
        with other.write() as session:
            new_case(session, "1999-001")
        assert refused(lambda: copying.copy(ledger, place)) == ["ledger.target_not_empty"]
        with other.read() as session:
            assert [case.number for case in session.query(Case)] == ["1999-001"]


def test_a_ledger_whose_rows_are_not_its_events_is_not_copied(
    ledger: Ledger, tmp_path: Path
) -> None:
    fill(ledger)
    with ledger.write() as session:
        session.execute(text("UPDATE cases SET notes = 'gebastelt' WHERE id = 2"))
    assert refused(lambda: copying.copy(ledger, tmp_path / "c.db")) == ["ledger.rows_differ"]
    with open_ledger(tmp_path / "c.db") as other, other.read() as session:
        assert copying.is_empty(session.connection())


def test_a_copy_that_differs_is_taken_back(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(ledger)
    honest = canonical.insert

    def careless(connection, table, columns, rows):
        rows = list(rows)
        honest(connection, table, columns, rows[1:] if table == "events" else rows)

    monkeypatch.setattr(canonical, "insert", careless)
    assert refused(lambda: copying.copy(ledger, tmp_path / "c.db")) == ["ledger.copy_differs"]
    monkeypatch.undo()
    with open_ledger(tmp_path / "c.db") as other, other.read() as session:
        assert copying.is_empty(session.connection())

"""One writer at a time: nothing is lost, nothing half done, nothing stale gets in."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable

import pytest
from ledger_acts import SQUARE, new_case, refused, who
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from landuse.errors import InternalError
from landuse.ledger import Ledger, events, open_ledger, replay
from landuse.ledger.models import Case, CaseParcel


def test_two_writers_lose_no_update(ledger: Ledger) -> None:
    """Each adds 1 to the same number 40 times; it is 80 in the end, over 80 events."""
    with ledger.write() as session:
        key = new_case(session, notes="0").id
    faults: list[BaseException] = []

    def work(name: str) -> None:
        url = ledger.url.render_as_string(hide_password=False)
        try:
            with open_ledger(url, backups=ledger.backups) as mine:
                for _ in range(40):
                    with mine.write() as session:
                        case = session.get_one(Case, key)
                        events.change(
                            session,
                            case,
                            {"notes": str(int(case.notes) + 1)},
                            **who(name),
                            expected_revision=case.revision,
                        )
        except BaseException as fault:  # noqa: BLE001 - shown by the test
            faults.append(fault)

    threads = [threading.Thread(target=work, args=(name,)) for name in ("甲", "乙")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults
    with ledger.read() as session:
        case = session.get_one(Case, key)
        told = events.history(session, case)
        assert (case.notes, case.revision) == ("80", 2 + 80)
        assert [event.after_json for event in told[2:]] == [str(n) for n in range(1, 81)]
        assert {event.by for event in told[2:]} == {"甲", "乙"}
        assert not list(replay.differences(session))


def test_writers_of_one_process_queue_without_a_connection(ledger: Ledger) -> None:
    """Twenty wait for the one that writes; the pool's fifteen connections stay for readers."""
    with ledger.write() as session:
        key = new_case(session, notes="0").id
    began = threading.Barrier(21)

    def work() -> None:
        began.wait()
        with ledger.write() as session:
            case = session.get_one(Case, key)
            notes = str(int(case.notes) + 1)
            events.change(session, case, {"notes": notes}, **who("甲"), expected_revision=None)

    threads = [threading.Thread(target=work) for _ in range(20)]
    with ledger.write() as session:
        for thread in threads:
            thread.start()
        began.wait()
        deadline = time.monotonic() + 0.5
        while time.monotonic() < deadline:
            assert ledger.engine.pool.checkedout() == 1  # type: ignore[attr-defined]
        with ledger.read() as reader:
            assert reader.get_one(Case, key).notes == "0"
    for thread in threads:
        thread.join()
    with ledger.read() as reader:
        assert reader.get_one(Case, key).notes == "20"


def test_a_block_that_raises_leaves_nothing(ledger: Ledger) -> None:
    with pytest.raises(ZeroDivisionError), ledger.write() as session:  # noqa: PT012
        case = new_case(session)
        events.add_part(session, case, {"way": "swap"}, **who())
        _ = 1 / 0
    with ledger.read() as session:
        for table in ("cases", "case_parcels", "parts", "events"):
            count = session.execute(text(f"SELECT count(*) FROM {table}")).scalar()
            assert (table, count) == (table, 0)
    with ledger.write() as session:  # the writer's place is free again
        assert new_case(session).id == 1


def test_a_reader_cannot_write(ledger: Ledger) -> None:
    with ledger.write() as session:
        new_case(session)
    with ledger.read() as session, pytest.raises(Exception, match=r"(?i)read-?only"):
        session.execute(text("UPDATE cases SET notes = 'x'"))
    with ledger.write() as session:  # although SQLite gives the same connection to both
        session.execute(text("UPDATE cases SET notes = ''"))


def test_a_reader_sees_one_moment(ledger: Ledger) -> None:
    with ledger.write() as session:
        new_case(session)
    with ledger.read() as reader:
        assert reader.query(Case).count() == 1
        with ledger.write() as session:
            new_case(session, "2026-002")
        assert reader.query(Case).count() == 1
    with ledger.read() as reader:
        assert reader.query(Case).count() == 2


def test_a_write_inside_a_write_is_our_fault_and_does_not_hang(ledger: Ledger) -> None:
    with pytest.raises(InternalError, match="nested_write"), ledger.write(), ledger.write():
        pass
    with ledger.write() as session:
        new_case(session)


def _busy() -> OperationalError:
    cause = sqlite3.OperationalError("database is locked")
    cause.sqlite_errorcode = sqlite3.SQLITE_BUSY
    return OperationalError("COMMIT", None, cause)


def test_transact_does_the_work_again_after_a_passing_conflict(ledger: Ledger) -> None:
    tries: list[int] = []

    def work(session: Session) -> str:
        new_case(session)
        tries.append(1)
        if len(tries) < 3:
            raise _busy()
        return "done"

    assert ledger.transact(work) == "done"
    assert len(tries) == 3
    with ledger.read() as session:
        assert session.query(Case).count() == 1


def test_transact_gives_up_in_words_and_leaves_nothing(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("landuse.ledger.store._PAUSES", (0.0, 0.0))
    tries: list[int] = []

    def work(session: Session) -> None:
        new_case(session)
        tries.append(1)
        raise _busy()

    assert refused(lambda: ledger.transact(work)) == ["ledger.locked"]
    assert len(tries) == 3
    with ledger.read() as session:
        assert session.query(Case).count() == 0


def test_without_wal_a_reader_holds_up_only_the_commit(
    tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the classic journal a commit needs every reader gone; it waits and nothing is lost."""
    from pathlib import Path

    monkeypatch.setattr("landuse.ledger.filesystems.network_type", lambda _path: "nfs")
    with open_ledger(Path(str(tmp_path)) / "a.db", wait_seconds=0.05) as ledger:
        other = sqlite3.connect(Path(str(tmp_path)) / "a.db", check_same_thread=False)
        other.execute("BEGIN")
        other.execute("SELECT * FROM cases").fetchall()
        leave = threading.Timer(0.4, other.close)
        leave.start()
        with ledger.write() as session:
            new_case(session)
        leave.join()
        with ledger.read() as session:
            assert session.query(Case).count() == 1


def test_no_two_open_cases_of_one_parcel_by_any_path(ledger: Ledger) -> None:
    with ledger.write() as session:
        first = new_case(session, "2026-001", parcels=[{"parcel_id": "A"}, {"parcel_id": "B"}])
        second = new_case(session, "2026-002", parcels=[{"parcel_id": "C"}])
        again = {"number": "2026-003", "kind": "idle", "state": "found", "case_mu_e4": 1}
        parcels = [{"parcel_id": "D"}, {"parcel_id": "B"}]
        both = [events.NewCase(again, parcels), events.NewCase({**again, "number": "4"}, parcels)]
        taken = ["ledger.parcel_has_open_case"]
        assert refused(lambda: events.create_case(session, again, parcels, **who())) == taken
        assert sorted(refused(lambda: events.create_cases(session, both, **who()))) == taken * 3
        assert (
            refused(lambda: events.add_parcel(session, second, {"parcel_id": "A"}, **who()))
            == taken
        )
        assert (
            refused(lambda: events.add_parcel(session, first, {"parcel_id": "A"}, **who())) == taken
        )
        number = {**again, "number": "2026-001"}
        assert refused(
            lambda: events.create_case(session, number, [{"parcel_id": "E"}], **who())
        ) == ["ledger.number_taken"]
        # closed: free for another; then the first cannot be opened again
        events.change(session, first, {"state": "removed"}, **who())
        events.create_case(session, again, parcels, **who())
        assert (
            refused(lambda: events.change(session, first, {"state": "suspected"}, **who())) == taken
        )
    with pytest.raises(Exception, match=r"(?i)unique"), ledger.write() as session:
        # and where the code should forget, the database does not
        session.add(CaseParcel(case_id=second.id, seq=9, parcel_id="D", is_open=True))


def test_an_open_parcel_follows_its_case_and_its_removal(ledger: Ledger) -> None:
    def is_open(session: Session) -> list[bool]:
        session.flush()
        return [row.is_open for row in session.query(CaseParcel).order_by(CaseParcel.id)]

    with ledger.write() as session:
        case = new_case(session, parcels=[{"parcel_id": "A"}, {"parcel_id": "B"}])
        assert is_open(session) == [True, True]
        events.change_parcel(session, case, 2, {"removed": True}, **who())
        assert is_open(session) == [True, False]
        events.change(session, case, {"state": "closed"}, **who())
        assert (case.is_open, is_open(session)) == (False, [False, False])
        events.change(session, case, {"state": "suspected"}, **who())
        assert (case.is_open, is_open(session)) == (True, [True, False])
        back = events.add_parcel(session, case, {"parcel_id": "B", "geometry": SQUARE}, **who())
        assert (back.seq, is_open(session)) == (2, [True, True])
        assert not replay.compare(
            replay.state_of(case), replay.replay(events.history(session, case))
        )


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events SET why = 'x'",
        "UPDATE events SET \"by\" = 'x' WHERE id = 1",
        "DELETE FROM events",
        "DELETE FROM events WHERE id = 2",
    ],
)
def test_events_can_only_be_appended(ledger: Ledger, statement: str) -> None:
    with ledger.write() as session:
        new_case(session)
    with pytest.raises(Exception, match="append-only"), ledger.write() as session:
        session.execute(text(statement))
    with ledger.read() as session:
        assert session.execute(text("SELECT count(*) FROM events WHERE why <> 'x'")).scalar() == 2


def test_events_cannot_be_truncated_on_postgis(postgis_url: Callable[[], str]) -> None:
    with open_ledger(postgis_url()) as ledger:
        with ledger.write() as session:
            new_case(session)
        with pytest.raises(Exception, match="append-only"), ledger.write() as session:
            session.execute(text("TRUNCATE events CASCADE"))

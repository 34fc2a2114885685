"""Accounts, passwords, sessions, and those who try too often."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta

import argon2
import pytest
from ledger_acts import refused
from sqlalchemy import select

from landuse.cli import ledger_options, main
from landuse.errors import UserError
from landuse.ledger import Ledger, accounts, logins, open_ledger, sessions
from landuse.ledger.review_models import Account, Login, SignIn

AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
WHO = {"by": "系统管理员", "at": AT}
GOOD = "三根 kleine 蜡烛 99"


@pytest.fixture(autouse=True)
def _light(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashes that cost little: what they cost is argon2's own."""
    light = argon2.PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    monkeypatch.setattr(accounts, "_hasher", lambda: light)
    accounts._nobody.cache_clear()
    yield
    accounts._nobody.cache_clear()


def add(ledger: Ledger, name: str = "王工", role: str = "reviewer", password: str = GOOD) -> None:
    with ledger.write() as session:
        accounts.create(session, name, role, password, **WHO)


def log_in(ledger: Ledger, password: str, minutes: float = 0, **more: str) -> str:
    """``ok``, or the code of the refusal."""
    given = {"name": "王工", "address": "10.0.0.7", **more}
    at = AT + timedelta(minutes=minutes)
    try:
        accounts.log_in(ledger, given["name"], password, address=given["address"], at=at)
    except UserError as fault:
        (issue,) = fault.issues
        return f"{issue.code} {issue.value}".strip()
    return "ok"


def test_a_password_is_kept_as_an_argon2id_hash_alone(ledger: Ledger) -> None:
    with ledger.write() as session:
        assert not accounts.has_accounts(session)
    add(ledger)
    with ledger.read() as session:
        assert accounts.has_accounts(session)
        row = accounts.find(session, " Ｗ王工 ".replace("Ｗ", ""))
        assert row.password_hash.startswith("$argon2id$")
        assert GOOD not in row.password_hash
        assert accounts.check_password(session, "王 工", GOOD) is not None
        assert accounts.check_password(session, "王工", GOOD + "x") is None
        assert accounts.check_password(session, "nobody", GOOD) is None


def test_the_real_hasher_is_argon2id_of_64_mebibytes() -> None:
    from argon2 import PasswordHasher, Type

    real = PasswordHasher()
    assert real.type is Type.ID
    assert real.memory_cost >= 64 * 1024


@pytest.mark.parametrize(
    ("name", "role", "password", "codes"),
    [
        ("王工", "reviewer", "kurz", ["account.password_short"]),
        ("王工", "reviewer", "aaaaaaaaaaaa", ["account.password_plain"]),
        ("王工", "reviewer", "x1y2z3" * 40, ["account.password_long"]),
        ("zhang san feng", "viewer", "ZhangSanFeng2026", ["account.password_is_name"]),
        ("", "", "", ["account.name_missing", "account.unknown_role", "account.password_short"]),
        ("王\u202e工", "viewer", GOOD, ["account.name_odd"]),
        ("一" * 41, "viewer", GOOD, ["account.name_odd"]),
    ],
)
def test_everything_that_is_wrong_is_said_and_never_the_password(
    tmp_path, name: str, role: str, password: str, codes: list[str]
) -> None:
    with (
        open_ledger(tmp_path / "x.db") as ledger,
        ledger.write() as session,
        pytest.raises(UserError) as fault,
    ):
        accounts.create(session, name, role, password, **WHO)
    assert [issue.code for issue in fault.value.issues] == codes
    assert not password or password not in "".join(fault.value.lines())


def test_no_two_names_look_alike(ledger: Ledger) -> None:
    add(ledger, "Wang Gong")
    with ledger.write() as session:
        again = lambda: accounts.create(session, "ｗａｎｇ gong", "viewer", GOOD, **WHO)  # noqa: E731
        assert refused(again) == ["account.name_taken"]
        assert refused(lambda: accounts.find(session, "李工")) == ["account.no_such_account"]


def test_a_session_is_found_by_its_token_until_it_ends(ledger: Ledger) -> None:
    add(ledger)
    account = accounts.log_in(ledger, "王工", GOOD, address="10.0.0.7", at=AT)
    token = sessions.create(ledger, account, at=AT)

    def found(minutes: float, which: str = token) -> sessions.SignedIn | None:
        return sessions.find(ledger, which, at=AT + timedelta(minutes=minutes))

    first = found(0)
    assert first is not None
    assert (first.name, first.role) == ("王工", "reviewer")
    assert found(0, token + "x") is None
    with ledger.read() as session:
        (row,) = session.scalars(select(SignIn))
        assert token not in (row.token_sha256, row.address)
        assert len(row.token_sha256) == 64
    assert found(59) is not None  # and notes it, so that the hour begins anew
    assert found(118) is not None
    assert found(178.5) is None  # 60.5 minutes without a page
    left = sessions.create(ledger, account, at=AT)
    asked = AT + timedelta(minutes=59)  # by a page that nobody sits before
    assert sessions.find(ledger, left, at=asked, present=False) is not None
    assert found(60.5, left) is None
    late = sessions.create(ledger, account, at=AT)
    for minutes in range(0, 720, 30):
        assert found(minutes, late) is not None
    assert found(720, late) is None  # twelve hours, however busy
    sessions.create(ledger, account, at=AT + timedelta(days=31))
    with ledger.read() as session:
        assert len(list(session.scalars(select(SignIn)))) == 1  # the dead are forgotten


def test_what_ends_a_session(ledger: Ledger) -> None:
    add(ledger)
    account = accounts.log_in(ledger, "王工", GOOD, address="", at=AT)

    def alive(token: str) -> bool:
        return sessions.find(ledger, token, at=AT) is not None

    one, two = (sessions.create(ledger, account, at=AT) for _ in range(2))
    sessions.revoke(ledger, one, at=AT)
    sessions.revoke(ledger, one, at=AT)  # twice is once
    sessions.revoke(ledger, "nobody's", at=AT)
    assert (alive(one), alive(two)) == (False, True)
    with ledger.write() as session:
        accounts.set_role(session, "王工", "viewer", **WHO)
    held = sessions.find(ledger, two, at=AT)
    assert held is not None
    assert held.role == "viewer"
    with ledger.write() as session:
        accounts.set_password(session, "王工", "ganz anders 2026", **WHO)
    assert not alive(two)
    three = sessions.create(ledger, account, at=AT)
    with ledger.write() as session:
        accounts.set_disabled(session, "王工", disabled=True, **WHO)
    assert not alive(three)
    assert log_in(ledger, "ganz anders 2026") == "account.wrong"
    with ledger.write() as session:
        accounts.set_disabled(session, "王工", disabled=False, **WHO)
    assert not alive(three)
    assert log_in(ledger, GOOD, 1) == "account.wrong"
    assert log_in(ledger, "ganz anders 2026", 2) == "ok"
    with ledger.read() as session:
        outcomes = [row.outcome for row in logins.latest(session)]
        assert outcomes == ["ok", "wrong", "disabled", "signed_out", "ok"]


def test_five_failures_make_a_name_wait_even_with_the_right_password(ledger: Ledger) -> None:
    add(ledger)
    assert [log_in(ledger, "falsch", n) for n in range(5)] == ["account.wrong"] * 5
    assert log_in(ledger, GOOD, 5) == "account.locked 14"  # the last failure was at minute 4
    assert log_in(ledger, GOOD, 18.9) == "account.locked 1"
    assert log_in(ledger, GOOD, 19) == "ok"
    # a success clears the name
    assert [log_in(ledger, "falsch", 19 + n) for n in range(1, 5)] == ["account.wrong"] * 4
    assert log_in(ledger, GOOD, 24) == "ok"
    with ledger.read() as session:
        outcomes = [row.outcome for row in session.scalars(select(Login).order_by(Login.id))]
        # those made to wait leave a row a minute: 5, 18.9
        assert outcomes.count("locked") == 2
        assert outcomes.count("wrong") == 9


def test_a_neighbour_who_guesses_shuts_nobody_out(ledger: Ledger) -> None:
    add(ledger)
    assert [log_in(ledger, "falsch", n) for n in range(5)] == ["account.wrong"] * 5
    assert log_in(ledger, GOOD, 5) == "account.locked 14"
    assert log_in(ledger, GOOD, 5.5, address="10.9.9.9") == "ok"


def test_guesses_from_everywhere_make_the_name_wait_everywhere(ledger: Ledger) -> None:
    add(ledger)
    for n in range(50):  # five from each of ten addresses
        tried = log_in(ledger, "falsch", n / 10, address=f"10.1.0.{n // 5}")
        assert tried == "account.wrong"
    assert log_in(ledger, GOOD, 5, address="10.9.9.9") == "account.locked 15"


def test_slow_failures_do_not_make_a_name_wait(ledger: Ledger) -> None:
    add(ledger)
    assert [log_in(ledger, "falsch", 4 * n) for n in range(8)] == ["account.wrong"] * 8
    assert log_in(ledger, GOOD, 33) == "ok"


def test_an_address_that_tries_many_names_waits_too(ledger: Ledger) -> None:
    add(ledger)
    tried = [log_in(ledger, "falsch", n / 10, name=f"name {n}") for n in range(21)]
    assert tried[:20] == ["account.wrong"] * 20  # unknown names in the words of a wrong password
    assert tried[20] == "account.locked 15"
    assert log_in(ledger, GOOD, 3) == "account.locked 14"
    assert log_in(ledger, GOOD, 3, address="10.0.0.8") == "ok"


def test_an_unknown_name_costs_the_same_work(ledger: Ledger, monkeypatch) -> None:
    add(ledger)
    checked: list[str] = []
    real = accounts._matches

    def watch(kept: str, password: str) -> bool:
        checked.append(kept[:10])
        return real(kept, password)

    monkeypatch.setattr(accounts, "_matches", watch)
    assert log_in(ledger, "falsch", name="niemand") == log_in(ledger, "falsch")
    assert checked == ["$argon2id$"] * 2


def test_guesses_at_once_do_not_slip_past_the_count(ledger: Ledger, monkeypatch) -> None:
    """All of them looked before any was noted; the right one among them is refused as well."""
    add(ledger)
    monkeypatch.setattr(accounts, "check_password", _raced(ledger, accounts.check_password))
    assert log_in(ledger, GOOD) == "account.locked 15"


def _raced(ledger: Ledger, real):
    def check(session, name: str, password: str) -> Account | None:
        found = real(session, name, password)
        with ledger.write() as other:
            for _ in range(5):
                logins.note(other, "王工", "10.0.0.7", "wrong", AT)
        return found

    return check


@pytest.fixture
def say(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LANDUSE_DB", str(tmp_path / "账.db"))
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.delenv("LANDUSE_LANG", raising=False)
    monkeypatch.setattr(ledger_options, "now", lambda: AT)

    def run(*words: str, typed: str = "") -> tuple[int, str]:
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        capsys.readouterr()
        code = main(["user", *words])
        said = capsys.readouterr()
        assert GOOD not in said.out + said.err
        return code, said.out + said.err

    return run


def test_accounts_at_a_terminal(say, tmp_path) -> None:
    new = ("add", "王工", "--role", "reviewer", "--by", "管理员")
    assert say(*new, "--password-stdin", typed=f"{GOOD}\n") == (0, "已建立账号“王工”（评审）。\n")
    code, said = say(*new, "--password-stdin", typed=f"{GOOD}\n")
    assert (code, "已存在" in said) == (2, True)
    code, said = say("add", "李工")
    assert (code, "--password-stdin" in said) == (2, True)
    code, said = say("add", "李工", "--role", "king", "--password-stdin", typed="x\n")
    assert (code, "king" in said, "密码太短" in said) == (2, True, True)
    assert say("role", "王工", "administrator")[0] == 0
    assert say("passwd", "王工", "--password-stdin", typed="ganz anders 2026\r\n")[0] == 0
    assert say("passwd", "李工", "--password-stdin", typed=GOOD)[0] == 2
    with open_ledger(tmp_path / "账.db") as ledger:
        assert log_in(ledger, "ganz anders 2026") == "ok"
    assert say("disable", "王工")[0] == 0
    code, said = say("list")
    assert code == 0
    for words in ("王工", "管理", "停用", "管理员"):
        assert words in said
    assert say("enable", "王工")[0] == 0
    code, said = say("logins")
    assert (code, "登录成功" in said, "10.0.0.7" in said) == (0, True, True)
    assert "启用" in say("list")[1]


def test_a_list_without_accounts_says_what_that_means(say, tmp_path) -> None:
    open_ledger(tmp_path / "账.db").close()
    code, said = say("list")
    assert (code, "landuse user add" in said) == (0, True)


def test_a_password_is_typed_twice(say, monkeypatch) -> None:
    typed = iter([GOOD, GOOD + "x", GOOD, GOOD])
    monkeypatch.setattr("getpass.getpass", lambda _prompt: next(typed))

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr("io.StringIO", Terminal)
    assert say("add", "王工")[0] == 2
    assert say("add", "王工")[0] == 0

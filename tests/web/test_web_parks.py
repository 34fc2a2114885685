"""The pages of parks, firms and promises: the report's figures, who sees what, hostile names."""

from __future__ import annotations

import dataclasses
import os
import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openpyxl
import park_sites as sites
import pytest
import small_county
from served_site import AT, Desk, desk_at, words

from landuse.cli import main
from landuse.ledger import accounts
from landuse.ledger.new_cases import CaseForm, ParcelForm, open_case
from landuse.pipeline import park_site
from landuse.pipeline.report import report_of
from landuse.pipeline.report_tables import ALL
from landuse.publish.report.workbook import write_tables

PARK = "青石工业园"
PERIOD = "2026-H1"


@pytest.fixture(scope="module")
def county(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample county with a ledger of revitalised plots and a run of other files."""
    project = sites.copy_sample(sample, tmp_path_factory.mktemp("county") / "县")
    taken = [str(project.parent / "disposed.xlsx"), "--new", "--yes", "--by", "t"]
    where = ["--project", str(project), "--db", str(project.parent / "landuse.db")]
    assert main(["ledger", "import", *taken, *where]) == 0
    sites.add_run(project)
    return project


@pytest.fixture(scope="module")
def desk(county: Path) -> Iterator[Desk]:
    made = desk_at(county)
    made.client.app.state.deck.parks.patience = 60
    yield made
    made.site.close()


@pytest.fixture
def hostile(tmp_path: Path) -> Iterator[Desk]:
    yield from _desk(sites.hostile_project(tmp_path / "县"))


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Desk]:
    yield from _desk(sites.small_project(tmp_path / "县"))


def _desk(project: Path) -> Iterator[Desk]:
    made = desk_at(project)
    made.client.app.state.deck.parks.patience = 60
    yield made
    made.site.close()


def figures(desk: Desk) -> Any:
    found = desk.client.app.state.deck.parks.figures()
    assert found is not None
    return found


def pages(desk: Desk) -> list[str]:
    """Every page whose cells are those of the report."""
    parks = [one for one in figures(desk).book.accounts["park"] if one]
    return ["/parks", "/promises?verdict=all", *(f"{sites.at_park(one)}" for one in parks)]


def test_every_figure_of_the_pages_is_a_cell_of_the_reports_workbook(
    desk: Desk, tmp_path: Path
) -> None:
    book = figures(desk).book
    report = report_of(book, PERIOD).book
    write_tables(report, "t", book.as_of, tmp_path / "r.xlsx", "zh")
    written = openpyxl.load_workbook(tmp_path / "r.xlsx")
    compared: dict[str, int] = {}
    for page in pages(desk):
        path, _, query = page.partition("?")
        answer = desk.get(f"{path}?{query}&period={PERIOD}")
        assert answer.status_code == 200, page
        for cell in sites.cells_of(answer.text):
            table = report.tables.get(cell.table)
            row = _row(table, cell)
            if table is None or row is None or cell.column not in table.columns:
                continue
            place = table.place(row, cell.column)
            assert _same(cell.text, written[report.name(cell.table)][place].value), (page, cell)
            compared[cell.table] = compared.get(cell.table, 0) + bool(cell.text)
    least = {"land": 60, "ratios": 30, "economy": 150, "projects": 20, "promises": 25,
             "project_list": 60, "cluster_sums": 15, "scales": 8, "revitalised": 40,
             "relapses": 8}  # fmt: skip
    assert {name: n for name, n in least.items() if compared.get(name, 0) < n} == {}


def _row(table: Any, cell: sites.Cell) -> tuple[str, ...] | None:
    known = () if table is None else table.keys()
    return {"|".join(key): key for key in known}.get(cell.row)


def _same(shown: str, kept: object) -> bool:
    bare = shown.replace(",", "")
    if isinstance(kept, int | float):
        return float(bare) == kept
    return shown == (kept or "")


def test_the_land_of_each_park_adds_up(desk: Desk) -> None:
    parts = ("undevelopable", "built", "partly_used", "not_started", "idle", "undetermined",
             "available")  # fmt: skip
    for row in figures(desk).book.accounts.to_dict("records"):
        if not row["park"]:
            continue
        page = desk.get(sites.at_park(row["park"])).text
        exact = sum(int(row[f"{name}_m2_micro"]) for name in parts) - row["excess_m2_micro"]
        assert exact == row["total_m2_micro"]
        assert "✓" in page
        shown = {c.column: float(c.text.replace(",", "")) for c in sites.marked(page, "land")}
        rounded = sum(shown[name] for name in parts) - shown.get("excess", 0.0)
        assert rounded == pytest.approx(shown["total"], abs=0.005 * (len(parts) + 2))


def test_a_ratio_names_what_it_divides(desk: Desk) -> None:
    page = desk.get(sites.at_park(PARK))
    row = figures(desk).book.ratios.set_index(["park", "ratio"]).loc[(PARK, "completion")]
    built, supplied = (int(row[f"{n}_micro"]) for n in ("numerator", "denominator"))
    # 1 mu is 2000/3 m²: 10⁻⁶ m² × 3 / 2 × 10⁻⁹
    mu = [f"{value * 3 / 2e9:,.2f} 亩" for value in (built, supplied)]
    assert f"土地建成率 {built / supplied * 100:.2f} % 已建成 {mu[0]} 已供应 {mu[1]}" in words(page)
    assert "缺少：" in words(page)


def test_infrastructure_and_factories_are_shown_with_their_shares(desk: Desk) -> None:
    book = figures(desk).book
    register = book.inputs.park_register.set_index("park")
    row = register.loc[PARK]
    page = words(desk.get(sites.at_park(PARK)))
    assert str(row["infrastructure"]) in page
    planned, built = (int(row[f"factory_{n}_m2_micro"]) for n in ("planned", "built"))
    assert f"{built / 1e6:,.2f}" in page
    assert f"占规划 {built / planned * 100:.2f} %" in page


def test_an_unknown_period_is_the_newest_and_periods_can_be_chosen(desk: Desk) -> None:
    newest = desk.get(f"{sites.at_park(PARK)}?period=1999-H7").text
    assert f'value="{PERIOD}" selected' in newest
    month = desk.get(f"{sites.at_park(PARK)}?period=2025-03").text
    assert 'value="2025-03" selected' in month
    assert list(sites.marked(month, "economy")) != list(sites.marked(newest, "economy"))


def test_projects_say_their_state_their_stop_and_how_late_they_are(desk: Desk) -> None:
    book = figures(desk).book
    stopped = book.projects[book.projects["state"] == "stopped"].iloc[0]
    given = book.inputs.projects.set_index("project").loc[stopped["project"]]
    page = desk.get(sites.at_park(stopped["park"]) if stopped["park"] else "/parks")
    if stopped["park"]:
        assert "停工" in words(page)
        assert given["stopped_on"].date().isoformat() in page.text
        assert str(int(stopped["stopped_days"])) in page.text


def test_contradictions_stand_with_both_values_files_only_before_reviewers(
    desk: Desk, tmp_path: Path
) -> None:
    made = desk_at(sites.small_project(tmp_path / "县"))
    app = made.client.app
    app.state.deck = dataclasses.replace(app.state.deck, parks=desk.client.app.state.deck.parks)
    with made.site.ledger().write() as session:
        for role in ("viewer", "reviewer"):
            accounts.create(session, role, role, f"{role} 2026 long", by="t", at=AT)
    try:
        for path in ("/parks", sites.at_park(PARK), "/enterprises", "/promises"):
            away = made.fresh().client.get(path, follow_redirects=False)
            assert (away.status_code, away.headers["location"][:12]) == (303, "/login?next=")
        for role, sees in (("viewer", False), ("reviewer", True)):
            one = made.fresh()
            one.log_in(role, f"{role} 2026 long")
            page = one.get("/parks")
            assert page.status_code == 200
            # planted: 产值 25.78 and 25.68 亿 of the same park and half-year
            assert "257800 万元" in page.text
            assert "256800 万元" in page.text
            assert "41.53 %" in page.text
            assert ("park_periods.xlsx" in page.text) is sees
            assert ("由有审查权限的人员查看" in page.text) is not sees
            park = one.get(sites.at_park(PARK))
            assert "257800 万元" in park.text
            assert ("park_periods.xlsx" in park.text) is sees
    finally:
        made.site.close()


def test_promises_are_filtered_and_their_shortfalls_add_up(desk: Desk) -> None:
    frame = figures(desk).book.promises
    short = frame[frame["verdict"].isin(["broken", "partly"]) & ~frame["superseded"]]
    page = desk.get("/promises")
    rows = {c.row for c in sites.marked(page.text, "firm_promises")}
    assert len(rows) == len(short) > 0
    total = sum(int(value) for value in short["tax_shortfall_wan_micro"].dropna())
    assert f"税收差额合计 {total / 1e6:,.2f} 万元" in words(page)
    kept = desk.get("/promises", params={"verdict": "kept", "park": PARK})
    mine = frame[(frame["verdict"] == "kept") & (frame["park"] == PARK) & ~frame["superseded"]]
    named = {c.text for c in sites.marked(kept.text, "firm_promises") if c.column == "uscc"}
    assert named == set(mine["uscc"])
    assert desk.get("/promises", params={"verdict": "no such"}).status_code == 200
    assert "没有符合条件的" in desk.get("/promises", params={"park": "没有"}).text


def test_plots_lead_to_the_map_the_review_and_their_case(desk: Desk) -> None:
    book, run = figures(desk).book, desk.site.newest()
    done = book.ledger.disposals.iloc[0]
    parts = book.land.parts
    park = parts.loc[parts["parcel_id"] == done["parcel_ids"], "park"].iloc[0]
    cells = list(sites.marked(desk.get(sites.at_park(park)).text, "plots"))
    mine = {c.column: c for c in cells if c.row == done["parcel_ids"]}
    assert mine["parcel_id"].links == [f"/runs/{run.run_id}/review?plot={done['parcel_ids']}"]
    assert mine["map"].links == [f"/runs/{run.run_id}/map#plot={done['parcel_ids']}"]
    assert mine["case"].text == done["number"]
    assert "已盘活" in mine["finding"].text
    assert desk.get(mine["parcel_id"].links[0]).status_code == 200


def test_the_run_beside_the_project_is_told_from_the_files_as_they_are(desk: Desk) -> None:
    found, run = figures(desk), desk.site.newest()
    assert "之后数据文件有变动" in words(desk.get("/parks"))
    batch = found.batch
    now = park_site.run_id(
        batch.project, batch.computed.rules, batch.day, batch.computed.inputs.files, "zh"
    )
    assert not found.is_of(run)
    assert found.is_of(type(run)(now, *(getattr(run, n) for n in run.__slots__[1:])))


def test_a_firm_has_years_land_promise_and_links(desk: Desk) -> None:
    book = figures(desk).book
    promise = book.promises[book.promises["verdict"].isin(["broken", "partly"])].iloc[0]
    page = desk.get(f"/enterprises/{promise['uscc']}")
    assert promise["name"] in words(page)
    unit = book.computed.evaluation.units.set_index("uscc").loc[promise["uscc"]]
    ranks = [c.text for c in sites.marked(page.text, "years") if c.column == "rank"]
    assert f"{int(unit['rank'])}/{int(unit['cohort_size'])}" in ranks
    links = book.computed.links
    plots = set(links.loc[links["uscc"] == promise["uscc"], "parcel_id"])
    shown = [c for c in sites.marked(page.text, "firm_land") if c.column == "parcel_id"]
    assert {c.text for c in shown} == plots
    assert all("/review?plot=" in c.links[0] for c in shown)
    assert sites.at_park(promise["park"]) in page.text
    assert "<svg" in page.text


def test_firms_are_found_by_name_code_park_and_status(desk: Desk) -> None:
    book = figures(desk).book
    units = book.computed.evaluation.units
    one = units.iloc[7]
    for wish in (one["uscc"], one["uscc"].lower()[3:], f" {one['name']} "):
        page = desk.get("/enterprises", params={"q": wish})
        assert one["uscc"] in {c.text for c in sites.marked(page.text, "firms")}
    flagged = desk.get("/enterprises", params={"status": "low_efficiency"})
    assert f"共 {int((units['status'] == 'low_efficiency').sum())} 家" in words(flagged)
    first, second = desk.get("/enterprises").text, desk.get("/enterprises?from=100").text
    codes = [{c.text for c in sites.marked(p, "firms") if c.column == "uscc"}
             for p in (first, second)]  # fmt: skip
    assert len(codes[0]) == len(codes[1]) == 100
    assert codes[0].isdisjoint(codes[1])
    assert 'rel="prev"' in second
    assert "没有符合条件的" in desk.get("/enterprises", params={"q": "不存在的厂"}).text


@pytest.mark.parametrize("name", ["near_the_line", "fast_growing", "chains"])
def test_lists_of_firms_are_those_of_the_book(desk: Desk, name: str) -> None:
    found = figures(desk)
    page = desk.get("/enterprises", params={"list": name})
    assert page.status_code == 200
    shown = {c.text for c in sites.marked(page.text, name) if c.column == "uscc"}
    if name in found.lists():
        assert shown == set(found.lists()[name]["uscc"])
    assert desk.get("/enterprises?list=no-such").status_code == 404


@pytest.mark.parametrize(
    ("path", "near"),
    [
        ("/parks/青石工业圆", PARK),
        ("/parks/没有的园区", "–"),
        ("/enterprises/" + "X" * 18, "请核对 18 位"),
    ],
)
def test_what_nobody_knows_is_told_with_what_is_near(desk: Desk, path: str, near: str) -> None:
    answer = desk.get(path)
    assert answer.status_code == 404
    if near != "–":
        assert near in words(answer)


def test_a_code_with_a_slip_is_told_the_right_one(desk: Desk) -> None:
    code = figures(desk).book.computed.evaluation.units["uscc"].iloc[3]
    slip = code[:9] + ("B" if code[9] != "B" else "C") + code[10:]
    answer = desk.get(f"/enterprises/{slip}")
    assert answer.status_code == 404
    assert code in words(answer)


def test_pages_speak_english(desk: Desk) -> None:
    for path in (*pages(desk), "/enterprises"):
        page = desk.get(path, params={"lang": "en"})
        assert page.status_code == 200
        assert 'lang="en"' in page.text
        assert "土地账" not in page.text
    desk.get("/parks", params={"lang": "zh"})


def test_no_page_has_a_handler_a_style_or_a_strange_address(desk: Desk) -> None:
    code = figures(desk).book.computed.evaluation.units["uscc"].iloc[0]
    for path in (*pages(desk), "/enterprises", f"/enterprises/{code}"):
        page = desk.get(path)
        assert not re.search(r"<[^>]+ (on\w+|style|hx-on[\w:-]*)=", page.text), path
        assert not re.findall(r'(?:src|href|action)="(?!/|#|\?|data:)[^"]*"', page.text), path
        assert not re.search(r"<(script|style)(?![^>]*nonce)", page.text), path
        assert page.headers["cache-control"] == "no-store"
        assert "script-src 'nonce-" in page.headers["content-security-policy"]


def test_hostile_names_stay_text(hostile: Desk) -> None:
    code = small_county.uscc(0)
    for path in ("/parks", sites.at_park(sites.HOSTILE_PARK), "/promises", "/enterprises",
                 f"/enterprises/{code}"):  # fmt: skip
        page = hostile.get(path)
        assert page.status_code == 200, path
        assert "<img" not in page.text
        assert "<script>alert" not in page.text
        assert "{{7*7}}" in page.text or "49" not in words(page)
        assert not re.search(r"<[^>]*\son\w+\s*=", page.text.replace("onerror=alert(1)&gt;", ""))
    shown = list(sites.marked(hostile.get("/parks").text, "land"))
    link = next(c.links[0] for c in shown if c.column == "park" and c.links)
    assert hostile.get(link).status_code == 200
    assert sites.HOSTILE_PARK in words(hostile.get(link))


def test_shortfalls_are_those_worked_out_by_hand(hostile: Desk) -> None:
    page = words(hostile.get("/promises"))
    # 300 万元 promised on each of 15 mu, 10 paid: 300 × 15 − 10 = 4 490; 10 / 15 = 0.67
    assert "税收差额合计 4,490.00 万元" in page
    assert "承诺 300.00、实际 0.67" in page


def test_a_project_without_parks_runs_and_promises_says_so(small: Desk) -> None:
    parks = small.get("/parks")
    assert parks.status_code == 200
    assert "这个项目没有园区" in words(parks)
    assert "还没有运行过" in words(parks)
    assert "没有签约承诺" in words(small.get("/promises"))
    firms = small.get("/enterprises")
    assert "共 8 家" in words(firms)
    one = small.get(f"/enterprises/{small_county.uscc(2)}")
    assert one.status_code == 200
    assert "第2厂" in words(one)
    assert "/review?plot=" not in one.text
    assert small.get("/parks/青石工业园").status_code == 404


def test_a_fault_of_the_files_is_told_in_words(small: Desk) -> None:
    (small.site.base / "企业.csv").unlink()
    answer = small.get("/parks")
    assert answer.status_code == 422
    assert "企业.csv" in words(answer)
    assert "Traceback" not in answer.text


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """How often the batch was read and the book put together."""
    calls = {"read_batch": 0, "book_of": 0}

    def counting(name: str) -> Callable[..., Any]:
        real = getattr(park_site, name)

        def call(*args: Any, **more: Any) -> Any:
            calls[name] += 1
            return real(*args, **more)

        return call

    for name in calls:
        monkeypatch.setattr(park_site, name, counting(name))
    return calls


def test_figures_are_made_once_until_a_file_or_the_ledger_changes(
    small: Desk, counted: dict[str, int]
) -> None:
    for path in ("/parks", "/enterprises", "/promises", "/parks"):
        assert small.get(path).status_code == 200
    assert counted == {"read_batch": 1, "book_of": 1}
    table = small.site.base / "企业.csv"
    os.utime(table, ns=(1, 1))
    small.get("/enterprises")
    assert counted["read_batch"] == 1  # touched, but the same bytes
    table.write_bytes(small_county.enterprises().replace("第2厂".encode(), "二分厂".encode()))
    assert "二分厂" in words(small.get("/enterprises"))
    assert counted["read_batch"] == 2
    before = counted["book_of"]
    with small.site.ledger().write() as session:
        open_case(session, CaseForm("idle", (ParcelForm("P0"),), 10_000), by="t", at=AT)
    small.get("/enterprises")
    assert counted == {"read_batch": 2, "book_of": before + 1}


def test_who_comes_while_figures_are_made_is_told_so(
    small: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    go, real = threading.Event(), park_site.read_batch

    def slow(*args: Any, **more: Any) -> Any:
        assert go.wait(60)
        return real(*args, **more)

    monkeypatch.setattr(park_site, "read_batch", slow)
    small.client.app.state.deck.parks.patience = 0.01
    page = small.get("/enterprises")
    assert "正在计算园区数据" in words(page)
    assert 'hx-get="/park-progress"' in page.text
    assert 'hx-get="/park-progress"' in small.get("/park-progress").text
    go.set()
    small.client.app.state.deck.parks.patience = 60
    assert "共 8 家" in words(small.get("/enterprises"))
    done = small.get("/park-progress")
    assert (done.status_code, done.headers["hx-refresh"]) == (200, "true")


def test_sums_of_all_parks_stand_below_them(desk: Desk) -> None:
    cells = [c for c in sites.marked(desk.get("/parks").text, "land") if c.column == "total"]
    assert [c.row for c in cells][-2:] == [ALL, ""]
    kinds = desk.get("/parks", params={"type": "traditional"})
    named = {c.row for c in sites.marked(kinds.text, "land")}
    types = figures(desk).book.types
    assert named == {park for park, kind in types.items() if kind == "traditional"}


def test_cards_and_the_ledger_lead_to_parks_and_firms(desk: Desk) -> None:
    run = desk.site.newest()
    table = desk.site.plots(run.run_id)
    user = table.users.iloc[0]
    card = desk.get(f"/runs/{run.run_id}/review/card", params={"plot": user["parcel_id"]})
    assert f'href="/enterprises/{user["uscc"]}"' in card.text
    assert 'href="/parks"' in desk.get("/ledger").text

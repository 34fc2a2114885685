"""From files to a run in the browser, without a project file typed by hand."""

from __future__ import annotations

import html
import re
import threading
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import small_county
from httpx import Response
from hypothesis import given
from hypothesis import strategies as st
from served_site import HOSTILE, Desk, words

from landuse.errors import UserError
from landuse.pipeline.batch_files import plain_name
from landuse.pipeline.batch_toml import as_toml

HEAD = {"name": "城西县 <b>", "year": "2025", "as_of": "2026-06-30"}


def upload(desk: Desk, files: Any = None, **head: str) -> Response:
    desk.get("/batch")
    return desk.post("/batch/upload", {**HEAD, **head}, files=files or small_county.files())


def folder_of(desk: Desk, answer: Response) -> Path:
    return desk.site.base / "batches" / answer.url.path.rpartition("/")[2]


def as_shown(page: Response) -> dict[str, str]:
    """The form as a browser would send it back untouched."""
    given = dict(re.findall(r'<input name="([\w.]+)" value="([^"]*)"', page.text))
    selects = re.findall(r'<select name="([\w.]+)"[^>]*>(.*?)</select>', page.text, re.DOTALL)
    for name, inside in selects:
        chosen = re.search(r'<option(?: value="([^"]*)")? selected>([^<]*)', inside)
        given[name] = (chosen[2] if chosen[1] is None else chosen[1]) if chosen else ""
    return {name: html.unescape(value) for name, value in given.items() if name != "csrf"}


def finish(desk: Desk, answer: Response) -> Response:
    """Wait for the work as the page does."""
    job = desk.client.app.state.deck.jobs.find(answer.url.path.rpartition("/")[2])  # type: ignore[attr-defined]
    job.thread.join(120)
    return desk.client.get(answer.url.path, headers={"HX-Request": "true"})


def test_files_become_a_run_that_the_first_page_lists(desk: Desk) -> None:
    page = upload(desk)
    assert page.status_code == 200, words(page)
    assert "城西县 <b>" in page.text.replace("&lt;", "<").replace("&gt;", ">")
    asked = re.findall(r'class="asked">([^<]+)<b', page.text)
    assert [one.strip() for one in asked] == ["金额单位", "电力折标方法"]
    answers = {
        **as_shown(page),
        "project.id_scheme": "free",
        "enterprises.money_unit": "wan",
        "enterprises.energy_basis": "calorific",
    }
    key = page.url.path
    done = finish(desk, desk.post(f"{key}/answers", {**answers, "then": "check"}))
    assert "检查完毕" in words(done)
    assert "错误 0 条" in words(done)
    book = re.search(r'href="([^"]+/issues\.xlsx)"', done.text)
    assert book is not None
    assert desk.client.get(book[1]).content[:2] == b"PK"

    done = finish(desk, desk.post(f"{key}/answers", {**answers, "then": "identify"}))
    assert "下载成果工作簿" in words(done), words(done)
    link = re.search(r'href="(/runs/\w+/files/results\.xlsx)"', done.text)
    assert link is not None
    assert desk.client.get(link[1]).content[:2] == b"PK"
    assert "城西县 <b>" in words(desk.get("/"))
    # 8 plots of 15 mu each
    run = next(one for one in desk.site.runs() if one.name == "城西县 <b>")
    assert run.plots == small_county.FIRMS
    tables = desk.site.tables(run.run_id)
    assert tables.totals["parcels_mu"] == pytest.approx(120)
    # tax 10 wan on 15 mu: the unit that was answered is the one that counts
    first = tables.units.set_index("uscc").loc[small_county.uscc(0)]
    assert first["tax_wan"] == 10
    gone = desk.post(f"{key}/discard")
    assert gone.status_code == 422
    assert folder_of(desk, page).is_dir()


def test_the_answers_stand_in_the_project_file_and_nothing_else_does(desk: Desk) -> None:
    page = upload(desk)
    file = folder_of(desk, page) / "project.toml"
    desk.post(
        f"{page.url.path}/answers",
        {
            "enterprises.money_unit": "yuan",
            "enterprises.columns.tax": "税收",
            "enterprises.columns.tax.unit": "yi",
            "enterprises.columns.electricity.blank": "zero",
            "enterprises.columns.electricity": "电力(万千瓦时)",
            "enterprises.columns.name": "没有这一列",
            "parcels.area_unit": "furlong",
            "parcels.path": "/etc/passwd",
            "rules.pack": "../../secret.toml",
            "project.as_of": "2026-02-30",
            "database.url": "sqlite:///evil.db",
        },
    )
    data = tomllib.loads(file.read_text(encoding="utf-8"))
    assert data["enterprises"]["money_unit"] == "yuan"
    assert data["enterprises"]["columns"]["tax"] == {"from": "税收", "unit": "yi"}
    expected = {"from": "电力(万千瓦时)", "blank": "zero"}
    assert data["enterprises"]["columns"]["electricity"] == expected
    assert data["enterprises"]["columns"]["name"] == "企业名称"
    assert "area_unit" not in data["parcels"]
    assert data["parcels"]["path"] == "宗地.geojson"
    assert data["rules"]["pack"] == "three-indicator"
    assert "database" not in data
    again = desk.get(page.url.path)
    assert "2026-02-30" in words(again), "a day that does not exist is told, not dropped"


def test_work_that_fails_says_why(desk: Desk) -> None:
    page = upload(desk, as_of="")
    done = finish(desk, desk.post(f"{page.url.path}/work/identify"))
    assert "没有完成" in words(done)
    assert "as_of" in words(done)


def test_idle_land_needs_supply_contracts_and_says_so(desk: Desk) -> None:
    page = upload(desk)
    done = finish(desk, desk.post(f"{page.url.path}/work/idle"))
    assert "没有完成" in words(done)


def test_one_piece_of_work_at_a_time(desk: Desk) -> None:
    page = upload(desk)
    go = threading.Event()
    jobs = desk.client.app.state.deck.jobs  # type: ignore[attr-defined]
    job = jobs.start("check", lambda _tell: go.wait(60), owner="李工", place="/batch/x")
    for path in ("work/check", "answers", "discard", "parcels"):
        answer = desk.post(f"{page.url.path}/{path}", {"then": "check"})
        assert answer.status_code == 409, path
        assert "李工" in words(answer)
    assert "李工 正在运行" in words(desk.get("/batch"))
    go.set()
    job.thread.join(60)
    assert desk.post(f"{page.url.path}/discard").url.path == "/batch"
    assert not folder_of(desk, page).exists()


def test_a_fault_in_the_work_is_no_eternal_wait(desk: Desk) -> None:
    def broken(_tell: object) -> None:
        raise RuntimeError("inside")

    jobs = desk.client.app.state.deck.jobs  # type: ignore[attr-defined]
    job = jobs.start("check", broken, owner="李工")
    job.thread.join(60)
    done = desk.client.get(f"/batch/project/work/{job.key}", headers={"HX-Request": "true"})
    assert "程序内部错误（RuntimeError）" in words(done)
    assert "inside" not in done.text
    assert "hx-get" not in done.text


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ([("files", ("a.exe", b"MZ"))], "不能上传这种文件"),
        ([("files", ("a.html", b"<p>"))], "不能上传这种文件"),
        ([("files", ("企业.csv", b"a")), ("files", ("企业.CSV", b"b"))], "两个同名"),
        ([("files", ("企业.csv", small_county.enterprises()))], "没有图层"),
        ([("files", ("CON.csv", b"a"))], "文件名不能使用"),
        ([("files", ("", b"a"))], "没有选择文件"),
        ([("files", ("a.zip", b"not a zip"))], ""),
    ],
)
def test_what_cannot_be_taken_leaves_nothing(
    desk: Desk, files: list[tuple[str, tuple[str, bytes]]], said: str
) -> None:
    answer = upload(desk, files)
    if said:
        assert answer.status_code == 422
        assert said in words(answer)
        root = desk.site.base / "batches"
        assert not root.exists() or list(root.iterdir()) == []
    else:  # taken, and its page says that it cannot be read
        assert "压缩包 a.zip 已损坏" in words(answer)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("../../etc/宗地.shp", "宗地.shp"),
        ("C:\\数据\\宗地.SHP", "宗地.SHP"),
        ("/tmp/x/企业 2025.xlsx", "企业 2025.xlsx"),
    ],
)
def test_of_a_path_only_the_name_counts(written: str, kept: str) -> None:
    assert plain_name(written) == kept


ODD = ["", ".csv", "..", "a\0.csv", "~$a.xlsx", "nul.csv", "a:b.csv", "x" * 300 + ".csv"]


@pytest.mark.parametrize("written", [*ODD, "<img src=x>.csv", "a.csv.", "a\n.csv"])
def test_odd_names_are_refused(written: str) -> None:
    with pytest.raises(UserError):
        plain_name(written)


def test_hostile_headings_are_only_shown(desk: Desk) -> None:
    import csv
    import io

    out = io.StringIO()
    csv.writer(out).writerow(["统一社会信用代码", "企业名称", "税收(万元)", "年度", *HOSTILE])
    csv.writer(out).writerow(["91350582MA00000001", HOSTILE[0], 1, 2025, *HOSTILE])
    page = upload(desk, small_county.files(**{"企业.csv": out.getvalue().encode()}))
    for text in HOSTILE:
        assert text in words(page)
    assert "<img" not in page.text
    assert len(re.findall("<script", page.text)) == 2


@pytest.mark.parametrize("key", ["nope", "20260101-000000-abcdef", "%2e%2e"])
def test_there_is_no_batch_but_ours(desk: Desk, key: str) -> None:
    assert desk.client.get(f"/batch/{key}").status_code == 404
    assert desk.post(f"/batch/{key}/answers").status_code in {404, 405}


def test_the_served_project_can_be_run_as_it_is(desk: Desk) -> None:
    page = desk.get("/batch/project")
    assert "project.toml" in words(page)
    done = finish(desk, desk.post("/batch/project/work/check"))
    # its inputs are not there: told as the command tells it
    assert "a.gpkg" in words(done)


scalars = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"])),
    st.integers(-(10**12), 10**12),
    st.booleans(),
    st.dates(),
    st.lists(st.text(st.characters(exclude_categories=["Cs"])), max_size=3),
)
names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)
section = st.dictionaries(names.filter(lambda name: name != "columns"), scalars, max_size=4)
columns = st.dictionaries(names, st.one_of(st.text("列ab\"\\\n"), st.fixed_dictionaries(
    {"from": st.text("列ab\"\\\n"), "unit": st.just("mu")})), max_size=3)  # fmt: skip


@given(
    st.dictionaries(
        names,
        st.one_of(
            section,
            st.builds(lambda part, inside: {**part, "columns": inside}, section, columns),
            st.lists(section, min_size=1, max_size=2),
        ),
        max_size=4,
    )
)
def test_a_written_project_file_reads_back(data: dict[str, Any]) -> None:
    assert tomllib.loads(as_toml(data)) == data


def test_two_uploads_do_not_meet(serve: Callable[..., Desk]) -> None:
    desk = serve()
    first, second = upload(desk), upload(desk, name="另一批")
    assert folder_of(desk, first) != folder_of(desk, second)
    listed = words(desk.get("/batch"))
    assert listed.count("企业.csv、宗地.geojson") == 2

"""What people type into a cell, and what is taken from it."""

from __future__ import annotations

# ruff: noqa: E501 - rows of a table are read as rows
import datetime as dt

import pytest

from landuse.intake.ledger_book_cells import plain, read_cell
from landuse.intake.ledger_book_words import GROUPS, code_of, known_codes
from landuse.ledger.states import KINDS, STATES, WAYS
from landuse.schema.ledger_book import CASES, PARTS

COLUMNS = {column.name: column for column in CASES}


def value(name, cell):
    read = read_cell(COLUMNS[name], cell)
    return read.issue.code if read.issue else read.value


@pytest.mark.parametrize(
    ("cell", "e4"),
    [
        (12.3456, 123456), (12, 120000), ("12.3456", 123456), ("１２．３４５６", 123456),
        ("1,029.14", 10291400), ("1，029.14亩", 10291400), (" 50 亩 ", 500000), ("12.50000", 125000),
        (0.1 + 0.2, 3000), (3 * 12.3, 369000), (None, None), ("", None), ("—", None), ("/", None),
        ("12.34567", "ledger.too_many_decimals"), (12.34567, "ledger.too_many_decimals"),
        ("50㎡", "ledger.not_a_number"), ("约50", "ledger.not_a_number"), ("5①", "ledger.not_a_number"),
        ("12.5%", "ledger.not_a_number"), (True, "ledger.not_a_number"),
        (dt.date(2026, 1, 1), "ledger.not_a_number"), ("1e400", "ledger.number_too_large"),
        (1e300, "ledger.number_too_large"), ("十二亩", "ledger.not_a_number"),
    ],
)  # fmt: skip
def test_areas(cell, e4):
    assert value("part_mu_e4", cell) == e4


def test_floor_areas_have_two_decimals():
    assert value("floor_area_m2_e2", "44,000.5㎡") == 4400050
    assert value("floor_area_m2_e2", 1.005) == "ledger.too_many_decimals"


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        (dt.date(2026, 6, 30), "2026-06-30"),
        (dt.datetime.fromisoformat("2026-06-30T08:00"), "2026-06-30"),
        ("2026-6-30", "2026-06-30"), ("2026/06/30", "2026-06-30"), ("2026.6.30", "2026-06-30"),
        ("２０２６年６月３０日", "2026-06-30"), ("二〇二六年六月三十日", "2026-06-30"),
        ("1890-05-01", "1890-05-01"), ("20260630", "2026-06-30"), (20260630, "2026-06-30"), (46203, "2026-06-30"),
        ("46203", "2026-06-30"), ("2026-06-30 00:00:00", "2026-06-30"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("name", ["deadline", "started_on"])
def test_days(name, cell, day):
    assert value(name, cell).isoformat() == day


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("2026年6月", "2026-06-30"), ("2026-02", "2026-02-28"), ("2026", "2026-12-31"),
        ("2026年底", "2026-12-31"), ("2026年年底", "2026-12-31"), ("2026年6月底", "2026-06-30"),
        ("2024年2月末", "2024-02-29"),
    ],
)  # fmt: skip
def test_a_deadline_may_be_a_month_and_then_means_its_last_day(cell, day):
    read = read_cell(COLUMNS["deadline"], cell)
    assert (read.value.isoformat(), read.note.code) == (day, "ledger_book.end_taken")
    assert value("started_on", cell) in {"ledger_book.rough_date", "ledger_book.not_a_date"}


@pytest.mark.parametrize(
    "cell", ["尽快", "长期", "2026-02-30", "30/6/26", "2026年13月", True, "年底"]
)
def test_what_is_no_day(cell):
    assert value("deadline", cell) == "ledger_book.not_a_date"


@pytest.mark.parametrize(("group", "codes"), [("state", STATES), ("way", WAYS), ("kind", KINDS)])
def test_our_words_and_codes_are_known_in_both_languages(group, codes):
    assert set(known_codes(group)) == set(codes)
    from landuse.messages import text

    for code in codes:
        for word in (code, text(f"ledger_cases.{group}_{code}"),
                     text(f"ledger_cases.{group}_{code}", "en")):  # fmt: skip
            assert code_of(group, f" {word} ") == code


def test_every_word_of_the_list_means_a_code_that_exists_and_only_one():
    import csv
    from importlib import resources

    source = resources.files("landuse.intake").joinpath("ledger_book_words.csv")
    rows = list(csv.DictReader(source.read_text(encoding="utf-8").splitlines()))
    assert {row["group"] for row in rows} <= set(GROUPS)
    assert all(row["code"] in known_codes(row["group"]) for row in rows)
    words = [(row["group"], row["word"]) for row in rows]
    assert len(words) == len(set(words))


def test_every_heading_of_the_list_means_one_thing():
    import csv
    from importlib import resources

    from landuse.schema.headings import fold

    source = resources.files("landuse.intake").joinpath("ledger_book_headings.csv")
    rows = list(csv.DictReader(source.read_text(encoding="utf-8").splitlines()))
    folded = [fold(row["heading"]) for row in rows]
    assert len(folded) == len(set(folded))


def test_headings_of_one_sheet_differ_in_both_languages():
    for columns in (CASES, PARTS):
        for lang in ("zh", "en"):
            headings = [column.heading(lang) for column in columns]
            assert len(headings) == len(set(headings))


def test_words_are_kept_as_they_are():
    assert value("progress", "无") == "无"  # a word here, not a blank
    assert value("progress", " 第一\r\n第二 ") == "第一\n第二"
    assert value("responsible_person", 138.0) == "138"
    assert value("notes", "=1+1") == "=1+1"
    assert plain("a_x000D_\nb") == "a\n\nb" or plain("a_x000D_\nb") == "a\nb"
    assert plain("_x0041_") == "_x0041_"


def test_several_ways_in_one_cell_are_told_apart():
    assert value("way", "返租共管、司法拍卖") == ("lease_back", "auction")
    assert value("way", "返租共管、想办法") == "ledger_book.unknown_way"
    assert value("state", "摸排、疑似") == "ledger_book.unknown_state"

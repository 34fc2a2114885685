"""Every trouble planted in the sample is found: in the issues, the set-aside rows, the results."""

from __future__ import annotations

import datetime as dt
import tomllib
from pathlib import Path
from types import SimpleNamespace

import pytest

from landuse.issues import IssueLog
from landuse.pipeline.identify import compute, prepare

SAMPLE = Path(__file__).parents[1] / "data" / "sample"
TROUBLES = tomllib.loads((SAMPLE / "planted.toml").read_text("utf-8"))["trouble"]


@pytest.fixture(scope="module")
def run():
    project, rules, day = prepare(SAMPLE / "project.toml")
    log = IssueLog()
    done = compute(project, rules, day, log)
    return SimpleNamespace(
        issues=list(log),
        inputs=done.inputs,
        links=done.links,
        suggestions=done.suggestions,
        price_parts=done.price_parts,
        prices=done.prices.set_index("parcel_id"),
        units=done.evaluation.units.set_index("uscc"),
        parcels=done.parcels.set_index("parcel_id"),
        figures=done.inputs.figures.set_index(["uscc", "year"]),
    )


def issue(run, trouble) -> bool:
    key, place = trouble["key"], (trouble["file"], trouble["row"])
    for found in run.issues:
        named = key and key in ([*found.key.split("/"), found.value])
        if named or ((found.file, found.row) == place and found.row):
            return True
        if key and key in found.message("zh"):
            return True
    return False


def set_aside(run, trouble) -> bool:
    rows = run.inputs.set_aside
    same = (rows["source_file"] == trouble["file"]) & (rows["source_row"] == trouble["row"])
    return bool(same.any())


def fact(run, trouble) -> bool:
    return any(
        found.file == trouble["file"] and str(trouble["row"]) in str(found.values.get("value"))
        for found in run.inputs.facts
    )


def link(run, trouble) -> bool:
    return bool(run.links[["parcel_id", "uscc"]].eq(trouble["key"]).any(axis=None))


def suggestion(run, trouble) -> bool:
    return trouble["key"] in set(run.suggestions["parcel_id"])


def unmatched_parcel(run, trouble) -> bool:
    parcel = run.parcels.loc[trouble["key"]]
    return parcel["enterprise_count"] == 0 and bool(parcel["in_scope"])


def unmatched_enterprise(run, trouble) -> bool:
    return trouble["key"] not in set(run.links["uscc"]) and trouble["key"] in run.units.index


def ungraded(run, trouble) -> bool:
    return run.units.loc[trouble["key"], "status"] == "ungraded"


def out_of_scope(run, trouble) -> bool:
    return not run.parcels.loc[trouble["key"], "in_scope"]


def under_construction(run, trouble) -> bool:
    here = run.links[run.links["parcel_id"] == trouble["key"]]
    return bool(here["under_construction"].all() and not here["counted"].any())


def no_price(run, trouble) -> bool:
    price = run.prices.loc[trouble["key"], "benchmark_price_yuan_per_m2"]
    return bool(price != price)


def two_zones(run, trouble) -> bool:
    return int((run.price_parts["parcel_id"] == trouble["key"]).sum()) > 1


def correction(run, trouble) -> bool:
    rows = run.inputs.corrections
    row = rows[rows["key"] == trouble["key"]].iloc[0]
    return bool(row["applied"]) == (trouble["kind"] == "correction")


def pool(run, trouble) -> bool:
    units = run.units[run.units["division"] == trouble["key"]]
    graded = units[units["status"].isin(["ranked", "low_efficiency"])]
    return len(graded) > 0 and set(graded["cohort"]) == {"pool"}


def text(run, trouble) -> bool:
    return run.units.loc[trouble["key"], "name"] == trouble["value"]


def unread(run, trouble) -> bool:
    return any("BZ" in str(found.values.get("value")) for found in run.inputs.facts)


SHOWS = {
    check.__name__: check
    for check in (
        issue, set_aside, fact, link, suggestion, unmatched_parcel, unmatched_enterprise,
        ungraded, out_of_scope, under_construction, no_price, two_zones, correction, text, unread,
    )
}  # fmt: skip
SHOWS["cohort:pool"] = pool


KINDS = sorted({trouble["kind"] for trouble in TROUBLES})


@pytest.mark.parametrize("kind", KINDS)
def test_found(run, kind):
    missed = []
    for trouble in TROUBLES:
        for place in trouble["shows"] if trouble["kind"] == kind else ():
            if place.startswith("status:"):
                found = run.units.loc[trouble["key"], "reason"] == place.removeprefix("status:")
            else:
                found = SHOWS[place](run, trouble)
            if not found:
                missed.append((place, trouble["key"], trouble["note"]))
    assert missed == []


def of(kind: str) -> list[dict]:
    found = [trouble for trouble in TROUBLES if trouble["kind"] == kind]
    assert found, kind
    return found


def test_figures_of_planted_cells(run):
    tax = run.figures["tax_wan_micro"]
    for trouble in of("thousands_separator"):
        yuan = float(trouble["value"].replace(",", ""))
        assert tax[trouble["key"], 2025] == round(yuan * 100)
    assert tax[of("zero_tax")[0]["key"], 2025] == 0
    assert tax[of("negative_tax")[0]["key"], 2025] < 0
    for kind in ("missing_tax", "repeated_row", "scientific_notation"):
        assert all(tax.isna()[trouble["key"], 2025] for trouble in of(kind)), kind
    for kind in ("full_width_code", "hidden_row", "wrong_check_character"):
        assert all(tax[trouble["key"], 2025] > 0 for trouble in of(kind)), kind
    energy = run.figures["energy_tce_micro"]
    assert all(energy[trouble["key"], 2025] == 0 for trouble in of("zero_energy"))
    assert energy.isna()[of("blank_energy")[0]["key"], 2025]
    assert energy[of("spaces_and_lower_case")[0]["key"], 2025] > 0


def test_areas_of_planted_parcels(run):
    for kind in ("no_registered_area", "registered_area_zero"):
        assert run.parcels.loc[of(kind)[0]["key"], "area_source"] == "geometry"
    rules = run.links.groupby("parcel_id")["area_rule"].agg(set)
    assert "remainder" in rules[of("owner_declares_all")[0]["key"]]
    assert rules[of("declared_too_much")[0]["key"]] == {"scaled"}
    assert rules[of("undeclared_areas")[0]["key"]] == {"equal_share"}
    assert rules[of("two_codes_in_a_cell")[0]["key"]] == {"equal_share"}
    for kind in ("floor_area", "floor_area_no_total"):
        assert rules[of(kind)[0]["key"]] == {"floor_share"}
    used = run.inputs.parcels["parcel_id"].tolist()
    assert used.count(of("duplicate_equal")[0]["key"]) == 1
    for kind in ("duplicate_different", "bow_tie", "no_geometry"):
        assert of(kind)[0]["key"] not in used


def test_prices_of_planted_parcels(run):
    price = run.prices["benchmark_price_yuan_per_m2"]
    assert price[of("own_price")[0]["key"]] == 365
    mixed = [price[trouble["key"]] for trouble in of("two_grade_zones")]
    steps = {240.0, 320.0, 400.0, 480.0}
    assert sum(value not in steps for value in mixed) > len(mixed) // 2
    assert all(240 <= value <= 480 for value in mixed if value == value)


def test_evidence_of_planted_names(run):
    for kind, expected in (
        ("width_and_spaces", "name"),
        ("wrong_check_parcel", "name"),
        ("full_width", "uscc"),
        ("two_codes_in_a_cell", "uscc"),
        ("unknown_occupant", "occupancy"),
    ):
        for trouble in of(kind):
            key = trouble["value"] if kind == "unknown_occupant" else trouble["key"]
            here = run.links[run.links["parcel_id"] == key]
            assert set(here["evidence"]) == {expected}, kind


def test_dates_in_planted_forms(run):
    started = run.inputs.enterprises.set_index("uscc")["production_started_on"]
    days = {trouble["value"]: started[trouble["key"]].date() for trouble in of("date_form")}
    assert days == {
        "2016年9月": dt.date(2016, 9, 1),
        "2015/8/3": dt.date(2015, 8, 3),
        "2012.06.18": dt.date(2012, 6, 18),
        "二〇一四年五月一日": dt.date(2014, 5, 1),
    }


def test_last_year_is_no_test_where_it_is_absent(run):
    """12 tests with last year, 11 without: the firmness of one firm is a multiple of 1/11."""
    firm = run.units.loc[of("no_last_year")[0]["key"]]
    assert firm["status"] in ("ranked", "low_efficiency")
    assert (firm["firmness"] * 11) % 1 == pytest.approx(0, abs=1e-9)
    flips = [name for name in firm["flips_under"].split("; ") if name]
    assert "last_year" not in flips


def test_plots_once_revitalised_relapse_as_planted(run):
    listed = tomllib.loads((SAMPLE / "planted.toml").read_text("utf-8"))["park_trouble"]
    plots = {t["key"]: t["kind"] for t in listed if t["table"] == "disposed"}
    assert sorted(plots.values()) == ["relapse"] * 2 + ["revitalised"] * 4
    for trouble in listed:
        if trouble["table"] == "disposed":
            status = run.units.loc[trouble["value"], "status"]
            relapsed = trouble["kind"] == "relapse"
            assert status == ("low_efficiency" if relapsed else "ranked"), trouble


def test_rows_read_are_used_or_set_aside(run):
    counts = run.inputs.counts
    assert (counts["read"] == counts["used"] + counts["set_aside"]).all()
    parcels = counts[counts["table"] == "parcels"].iloc[0]
    # Bow-tie, null shape, equal copy, two of one code, no code.
    assert (parcels["read"], parcels["set_aside"]) == (603, 6)

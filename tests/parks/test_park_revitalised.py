"""Plots two years before their revitalisation and since; which of them relapsed."""

from __future__ import annotations

import pandas as pd
import pytest
from park_rows import M2, MU3, WAN, box, links, parcels, rows

from landuse.parks import before_and_after, plot_years, relapses
from landuse.schema.park_plots import DISPOSALS, PLOT_YEARS


def disposal(**given: object) -> dict[str, object]:
    return {"number": "2023-001", "part": 1, "parcel_ids": "p", "mu_e4": 30_000,
            "accepted_on": pd.Timestamp("2023-05-01"), **given}  # fmt: skip


def plot(year: int, tax: int | None, parcel: str = "p", **given: object) -> dict[str, object]:
    return {"parcel_id": parcel, "year": year, "area_m2_micro": MU3,
            "tax_wan_micro": None if tax is None else tax * WAN, **given}  # fmt: skip


def story(*years: dict, of: tuple[dict, ...] = (disposal(),)):
    table = rows(DISPOSALS, *of)
    found = before_and_after(table, rows(PLOT_YEARS, *years))
    return found, relapses(table, found)


def test_two_years_before_and_each_since() -> None:
    """Accepted in 2023: 2021 is not recorded and said so, 2022, 2023, 2024; not 2020."""
    found, fallen = story(plot(2020, 1), plot(2022, 3), plot(2023, 6), plot(2024, 90))
    assert found["year"].tolist() == [2021, 2022, 2023, 2024]
    assert found["offset"].tolist() == [-2, -1, 0, 1]
    assert found["tax_wan_per_mu"].tolist()[1:] == [1.0, 2.0, 30.0]
    assert "tax_wan_micro" in found["missing"][0]
    assert len(fallen) == 0


def test_plots_of_one_part_are_taken_together() -> None:
    """3 + 3 mu with 60 + 30 万元: 15 a mu; where one plot is not known, nothing is."""
    both = (disposal(parcel_ids="p; q"),)
    found, _ = story(plot(2024, 60), plot(2024, 30, "q"), plot(2023, 60), of=both)
    by_year = found.set_index("year")["tax_wan_per_mu"]
    assert by_year[2024] == pytest.approx(15.0)
    assert pd.isna(by_year[2023])


def test_a_finding_after_the_year_of_acceptance_is_a_relapse() -> None:
    _, fallen = story(plot(2023, 1, finding="low_efficiency"))
    assert len(fallen) == 0
    _, fallen = story(plot(2023, 1, finding="idle"), plot(2025, 1, finding="low_efficiency"),
                      plot(2024, 9), plot(2026, 1, finding="idle"))  # fmt: skip
    assert fallen[["year", "finding"]].to_numpy().tolist() == [[2025, "low_efficiency"]]


def test_it_is_said_whose_users_a_year_has() -> None:
    found, _ = story(
        plot(2022, 1, links_from="run", run_id="r1"), plot(2024, 1, links_from="today")
    )
    said = found.set_index("year")[["links_from", "run_id"]]
    assert said.loc[2022].tolist() == ["run", "r1"]
    assert said.loc[2024].tolist() == ["today", ""]
    assert said.loc[2021].tolist() == ["", ""]


def test_a_later_case_is_a_relapse_without_a_run() -> None:
    _, fallen = story(of=(disposal(relapsed_as="2025-009"), disposal(part=2)))
    assert fallen[["part", "relapsed_as"]].to_numpy().tolist() == [[1, "2025-009"]]
    assert pd.isna(fallen["year"][0])


def test_figures_of_a_plot_are_its_users_by_their_land() -> None:
    """X has 100 m² on p and 200 on q and paid 10 万元: 3.333333 and 6.666667, together 10. Y, which
    states nothing, also uses q: q is not known. Nobody uses r: neither is it."""
    land = parcels(("p", box(0, 0, 10, 10)), ("q", box(10, 0, 40, 10)), ("r", box(50, 0, 51, 1)))
    figures = pd.DataFrame(
        {"uscc": pd.Series(["X", "Y"], dtype="str"),
         "tax_wan_micro": pd.array([10 * WAN, None], dtype="Int64"),
         "output_wan_micro": pd.array([30 * WAN, 5 * WAN], dtype="Int64")}
    )  # fmt: skip
    used = links(("p", "X", 100), ("q", "X", 200), ("q", "Y", 100))
    found = plot_years(land, used, figures, pd.Series({"q": "both"}), 2025).set_index("parcel_id")
    assert found.loc["p", "tax_wan_micro"] == 3_333_333
    assert found["tax_wan_micro"].isna().to_dict() == {"p": False, "q": True, "r": True}
    assert found.loc["q", "output_wan_micro"] == 25 * WAN
    assert found["finding"].to_dict() == {"p": "", "q": "both", "r": ""}
    assert found["energy_tce_micro"].isna().all()
    assert found.loc["q", "area_m2_micro"] == 300 * M2

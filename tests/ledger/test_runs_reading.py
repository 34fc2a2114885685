"""A run folder as the ledger reads it: small tables written by hand, no database."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import shapely

from landuse.errors import UserError
from landuse.pipeline.ledger_runs import read_run, shapes_in

SQUARES = {name: shapely.box(500_000 + 100 * i, 0, 500_100 + 100 * i, 100)
           for i, name in enumerate("ABCD")}  # fmt: skip


def write(folder: Path, *, idle: list[dict[str, Any]] | None = None, **changes: Any) -> Path:
    """Parcels A to D: A is flagged for two enterprises, B for one of its two."""
    folder.mkdir()
    mu = {"A": 10.00005, "B": 20.5, "C": 30.0, "D": 40.0}
    flagged = {"A": 10.00005, "B": 5.12345, "C": 0.0, "D": 0.0}
    pd.DataFrame(
        {
            "parcel_id": list("ABCD"),
            "holder": "",
            "accounting_area_mu": [mu[name] for name in "ABCD"],
            "is_low_efficiency": [True, True, False, False],
            "flagged_area_mu": [flagged[name] for name in "ABCD"],
            "park": ["东区", "东区", "", "西区"],
            "township": "城东",
            "geometry": [shapely.to_wkb(SQUARES[name]) for name in "ABCD"],
        }
    ).to_parquet(folder / "parcels.parquet")
    links = [("A", "U1", "甲", 4.0), ("A", "U2", "乙", 6.00005), ("B", "U3", "丙", 5.12345),
             ("B", "U4", "丁", 15.0), ("C", "U5", "戊", 30.0)]  # fmt: skip
    columns = ["parcel_id", "uscc", "name", "area_mu"]
    pd.DataFrame(links, columns=columns).to_parquet(folder / "links.parquet")
    units = [("U1", "low_efficiency", 0.3, 2, 1.5), ("U2", "low_efficiency", 0.2, 1, 1.0),
             ("U3", "low_efficiency", 0.4, 3, 2.0), ("U4", "ranked", 0.9, 9, 9.0),
             ("U5", "ranked", 1.5, 20, 30.0)]  # fmt: skip
    columns = ["uscc", "status", "score", "rank", "tax_wan_per_mu"]
    pd.DataFrame(units, columns=columns).assign(cohort_size=20, cutoff_score=0.4).to_parquet(
        folder / "units.parquet"
    )
    corrections = {"table": ["parcels"], "key": ["A"], "column": ["x"], "old": ["1"], "new": ["2"]}
    pd.DataFrame(corrections).assign(outcome="applied").to_parquet(folder / "corrections.parquet")
    if idle is not None:
        pd.DataFrame(idle).to_parquet(folder / "idle.parquet")
    manifest: dict[str, Any] = {
        "made_by": "landuse",
        "format": 1,
        "run_id": "0123456789",
        "project": {"as_of": "2026-06-30", "year": 2025, "crs": "EPSG:4549"},
        "rules": {"pack": "three-indicator", "version": "2026.1", "digest": "d"},
        "pack": {"indicators": [{"key": "tax_wan_per_mu"}]},
        "inputs": [{"path": "a.shp", "sha256": "0", "bytes": 1}],
        "totals": {"parcels": 4},
        "versions": {},
    }
    (folder / "run.json").write_text(json.dumps({**manifest, **changes}), encoding="utf-8")
    return folder


def contract(parcel: str, finding: str = "not_started", **facts: Any) -> dict[str, Any]:
    return {
        "contract_no": f"{parcel}-1", "parcel_id": parcel, "holder": f"{parcel}厂",
        "finding": finding, "cause": "enterprise", "consequence": "fee", "base_from": "agreed",
        "base_on": dt.date(2024, 3, 1), "one_year_on": dt.date(2025, 3, 1),
        "two_years_on": dt.date(2026, 3, 1), "fee_wan": 12.34, "late_delivery": False,
        "collective": False, "missing": "", "area_mu": 7.0, "park": "北区", "township": "城北",
        **facts,
    }  # fmt: skip


def test_the_run_itself(tmp_path: Path) -> None:
    run = read_run(write(tmp_path / "run"))
    assert (run.run_id, run.as_of, run.year) == ("0123456789", dt.date(2026, 6, 30), 2025)
    assert (run.pack, run.pack_version, run.rules_digest) == ("three-indicator", "2026.1", "d")
    assert run.kinds == {"low_efficiency"}
    assert run.inputs["files"] == [{"path": "a.shp", "sha256": "0", "bytes": 1}]
    assert run.inputs["corrections"][0]["outcome"] == "applied"
    assert sorted(code for rows in run.parcels() for code in rows["parcel_id"]) == list("ABCD")


def test_flagged_mu_and_every_enterprise_of_the_parcel(tmp_path: Path) -> None:
    found = read_run(write(tmp_path / "run")).findings.set_index("parcel_id")
    # 10.00005 mu lie halfway between 10.0000 and 10.0001: to the even one
    # 5.12345 mu halfway between 5.1234 and 5.1235: to the even one again
    assert found["mu_e4"].to_dict() == {"A": 100_000, "B": 51_234}
    firms = found.loc["B", "enterprises_json"]
    assert [(one["uscc"], one["area_mu_e4"]) for one in firms] == [("U3", 51_234), ("U4", 150_000)]
    assert found.loc["A", "park"] == "东区"
    shape = found.loc["A", "geometry"]
    assert shape.equals(SQUARES["A"])
    assert shapely.get_srid(shape) == 4549


def test_the_lowest_score_leads_and_all_flagged_are_told(tmp_path: Path) -> None:
    found = read_run(write(tmp_path / "run")).findings.set_index("parcel_id")
    detail = found.loc["A", "detail_json"]
    assert (detail["uscc"], detail["score"], detail["rank"]) == ("U2", 0.2, 1)
    assert (detail["cohort_size"], detail["tax_wan_per_mu"]) == (20, 1.0)
    assert [one["uscc"] for one in detail["units"]] == ["U2", "U1"]
    assert [one["uscc"] for one in found.loc["B", "detail_json"]["units"]] == ["U3"]
    json.dumps(detail)


def test_idle_land_carries_its_accounting_area_and_its_clock(tmp_path: Path) -> None:
    idle = [contract("C"), contract("D", "undetermined"), contract("B", "")]
    run = read_run(write(tmp_path / "run", idle=idle))
    assert run.kinds == {"low_efficiency", "idle"}
    found = run.findings[run.findings["kind"] == "idle"]
    (row,) = found.to_dict("records")
    assert (row["parcel_id"], row["mu_e4"], row["park"]) == ("C", 300_000, "")
    assert [one["name"] for one in row["enterprises_json"]] == ["戊"]
    detail = row["detail_json"]
    assert (detail["finding"], detail["cause"], detail["holder"]) == (
        "not_started", "enterprise", "C厂",
    )  # fmt: skip
    assert (detail["base_on"], detail["two_years_on"]) == ("2024-03-01", "2026-03-01")
    assert detail["fee_wan_e6"] == 12_340_000
    json.dumps(detail)


def test_a_run_that_found_no_idle_land_did_look_for_it(tmp_path: Path) -> None:
    run = read_run(write(tmp_path / "run", idle=[contract("C", "")]))
    assert run.kinds == {"low_efficiency", "idle"}
    assert set(run.findings["kind"]) == {"low_efficiency"}


def test_idle_land_that_no_layer_has_carries_the_area_of_its_contracts(tmp_path: Path) -> None:
    idle = [
        contract("X", area_mu=7.0),
        contract("X", area_mu=1.5, contract_no="X-2"),
        contract("Y", area_mu=None),
        contract("", area_mu=9.0),
    ]
    run = read_run(write(tmp_path / "run", idle=idle))
    found = run.findings[run.findings["kind"] == "idle"].set_index("parcel_id")
    assert found["mu_e4"].to_dict() == {"X": 85_000, "Y": 0}
    assert (found.loc["X", "park"], found.loc["X", "township"]) == ("北区", "城北")
    assert found.loc["X", "geometry"] is None
    assert found.loc["X", "enterprises_json"] == []


@pytest.mark.parametrize(
    "weaker",
    [
        {"cause": "government"},
        {"finding": "stalled"},
        {"late_delivery": True},
        {"base_on": dt.date(2025, 3, 1), "two_years_on": dt.date(2027, 3, 1)},
    ],
    ids=str,
)
def test_the_contract_that_supports_the_statutory_ways_least_leads(
    tmp_path: Path, weaker: dict[str, Any]
) -> None:
    second = contract("C", **{"contract_no": "C-2", **weaker})
    for order, idle in enumerate(([contract("C"), second], [second, contract("C")])):
        run = read_run(write(tmp_path / f"run{order}", idle=idle))
        (detail,) = run.findings.loc[run.findings["kind"] == "idle", "detail_json"]
        assert detail["contract_no"] == "C-2"
        assert [one["contract_no"] for one in detail["contracts"]] == ["C-2", "C-1"]


def test_what_is_no_run_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError):
        read_run(tmp_path)
    broken = write(tmp_path / "run", project={"crs": "EPSG:4549", "as_of": "2026-06-31"})
    with pytest.raises(UserError) as fault:
        read_run(broken)
    assert fault.value.issues[0].code == "ledger_runs.run_incomplete"


def test_shapes_of_some_parcels(tmp_path: Path) -> None:
    folder = write(tmp_path / "run")
    assert shapes_in(folder, ["B"])["B"].equals(SQUARES["B"])
    with pytest.raises(UserError) as fault:
        shapes_in(folder, ["B", "Z"])
    assert fault.value.issues[0].key == "Z"

"""Two runs against each other, and the successors of parcels: no database."""

from __future__ import annotations

import pandas as pd
import pytest
import shapely

from landuse.ledger.findings import differences
from landuse.ledger.lineage import Held, successions

CRS = "EPSG:4549"


def findings(*rows: tuple[str, str, int, dict[str, object]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["kind", "parcel_id", "mu_e4", "detail_json"])


def low(parcel: str, mu_e4: int, **figures: object) -> tuple[str, str, int, dict[str, object]]:
    return ("low_efficiency", parcel, mu_e4, figures)


def test_new_gone_and_still_are_told_apart() -> None:
    before = findings(low("A", 100000, score=0.5), low("B", 200000, score=0.4))
    after = findings(low("B", 200000, score=0.4), low("C", 300000, score=0.3))
    found = differences(before, after, {"low_efficiency"})
    assert found.new["parcel_id"].tolist() == ["C"]
    assert found.gone["parcel_id"].tolist() == ["A"]
    assert found.gone["mu_e4"].tolist() == [100000]
    assert found.still["parcel_id"].tolist() == ["B"]
    assert found.moved.empty


def test_moved_figures_come_with_both_values() -> None:
    before = findings(low("A", 100000, score=0.5, rank=3, uscc="x"))
    after = findings(low("A", 120000, score=0.45, rank=3, uscc="y"))
    moved = differences(before, after, {"low_efficiency"}).moved
    assert moved[["figure", "before", "after"]].to_numpy().tolist() == [
        ["mu_e4", 100000, 120000],
        ["score", 0.5, 0.45],
    ]


def test_what_a_run_did_not_look_for_is_not_gone() -> None:
    before = findings(low("A", 1, score=1), ("idle", "A", 5, {"finding": "stalled"}))
    after = findings(low("A", 1, score=1))
    found = differences(before, after, {"low_efficiency"})
    assert found.gone.empty
    assert found.still["kind"].tolist() == ["low_efficiency"]


def test_a_parcel_may_have_both_findings() -> None:
    before = findings(low("A", 1, score=1))
    after = findings(low("A", 1, score=1), ("idle", "A", 5, {"finding": "stalled"}))
    found = differences(before, after, {"low_efficiency", "idle"})
    assert found.new[["kind", "parcel_id"]].to_numpy().tolist() == [["idle", "A"]]
    assert found.still[["kind", "parcel_id"]].to_numpy().tolist() == [["low_efficiency", "A"]]


def test_order_of_rows_does_not_show() -> None:
    rows = [low(name, 1, score=1) for name in "DBCA"]
    found = differences(findings(), findings(*rows), {"low_efficiency"})
    assert found.new["parcel_id"].tolist() == list("ABCD")


EAST, NORTH = 500_000.0, 3_500_000.0


def square(x: float, y: float, width: float, height: float = 100.0) -> shapely.Polygon:
    return shapely.box(EAST + x, NORTH + y, EAST + x + width, NORTH + y + height)


def parcels(**shapes: shapely.Geometry) -> pd.DataFrame:
    ids = sorted(shapes)
    wkb = [shapely.to_wkb(shapes[name]) for name in ids]
    return pd.DataFrame({"parcel_id": ids, "geometry": pd.Series(wkb, dtype=object)})


def test_a_split_parcel_has_its_parts_as_successors() -> None:
    old = Held("2026-001", "OLD", square(0, 0, 200), CRS)
    run = parcels(N1=square(0, 0, 90), N2=square(90, 0, 110), FAR=square(900, 0, 50))
    found = successions([old], run, CRS)
    assert [(one.parcel_id, one.previously_part_of, one.how) for one in found] == [
        ("N1", "OLD", "split"),  # 90 × 100 of its 9 000 m² lie in OLD, 45 % of OLD
        ("N2", "OLD", "recoded"),  # all of its 11 000 m² lie in OLD, 55 % of OLD
    ]


def test_a_merged_parcel_succeeds_both() -> None:
    held = [
        Held("2026-001", "A", square(0, 0, 100), CRS),
        Held("2026-002", "B", square(100, 0, 100), CRS),
    ]
    found = successions(held, parcels(AB=square(0, 0, 200)), CRS)
    assert [(one.case_number, one.previously_part_of, one.how) for one in found] == [
        ("2026-001", "A", "merged"),  # exactly half of AB is not more than half
        ("2026-002", "B", "merged"),
    ]
    assert [one.share for one in found] == [pytest.approx(1.0)] * 2


def test_exactly_half_is_not_more_than_half() -> None:
    old = Held("2026-001", "OLD", square(0, 0, 100), CRS)
    # 5 000 m² of OLD's 10 000 m² and of NEW's 10 000 m²
    assert successions([old], parcels(NEW=square(50, 0, 100)), CRS) == []
    (found,) = successions([old], parcels(NEW=square(49, 0, 100)), CRS)
    assert found.share == pytest.approx(0.51)


def test_a_parcel_that_is_still_there_has_no_successor() -> None:
    old = Held("2026-001", "OLD", square(0, 0, 100), CRS)
    assert successions([old], parcels(OLD=square(0, 0, 60), X=square(0, 0, 100)), CRS) == []


def test_another_zone_of_the_same_datum_is_brought_over() -> None:
    from landuse.crs import parse, reproject

    shape = square(0, 0, 100)
    (moved,) = reproject(pd.array([shape], dtype=object).to_numpy(), parse(CRS), parse("EPSG:4548"))
    old = Held("2026-001", "OLD", moved, "EPSG:4548")
    (found,) = successions([old], parcels(NEW=shape), CRS)
    assert found.share == pytest.approx(1.0, abs=1e-6)


def test_another_datum_or_no_shape_proposes_nothing() -> None:
    shape = square(0, 0, 100)
    assert successions([Held("1", "OLD", shape, "EPSG:2384")], parcels(N=shape), CRS) == []
    assert successions([Held("1", "OLD", None, CRS)], parcels(N=shape), CRS) == []


def test_shapes_of_several_systems_together_are_as_each_alone() -> None:
    from landuse.crs import parse, reproject

    systems = [CRS, "EPSG:4548", "EPSG:2384", CRS, "EPSG:4490", "EPSG:4548"]  # 2384: another datum
    held = []
    for place, name in enumerate(systems):
        shape = pd.array([square(200 * place, 0, 100)], dtype=object).to_numpy()
        if name not in (CRS, "EPSG:2384"):
            shape = reproject(shape, parse(CRS), parse(name))
        held.append(Held(f"2026-{place:03d}", f"A{place}", shape[0], name))
    run = parcels(**{f"B{place}": square(200 * place, 0, 100) for place in range(len(systems))})
    together = successions(held, run, CRS)
    assert together == [found for one in held for found in successions([one], run, CRS)]
    assert [one.parcel_id for one in together] == ["B0", "B1", "B3", "B4", "B5"]

"""Worked examples of published rules: inputs, benchmarks and scores that a planner can check."""

from __future__ import annotations

from typing import Any

import pytest
from county import AS_OF, County, Firm, figure, indicator, only_tax, rules

from landuse.rules import load

PER = 3  # mu of every firm here: 2000 m² exactly


def one_firm(pack: Any, **figures: Any) -> County:
    return County([Firm("A", figures, [("P1", PER, 300)])], pack)


HUANGYAN_FIRM = {
    "tax": 30 * PER,  # 30 per mu
    "value_added": 120 * PER,  # 120 per mu
    "energy_tce": 120,  # 360 / 120 = 3.0 per tce
    "emission": "0.09",  # 360 / 0.09 = 4000 per tonne
    "employees": 18,  # 360 / 18 = 20 per person
    "rd_expense": 3,
    "revenue": 100,  # 3 / 100 = 0.03
}


def huangyan(**benchmarks: str) -> County:
    """The shipped pack, alone in its cohort; benchmarks of another year replace those of 2022."""
    override = {"min_cohort": 1}
    if benchmarks:
        override["published"] = {key: {"all": value} for key, value in benchmarks.items()}
    return one_firm(load("huangyan-2022", as_of=AS_OF, override=override), **HUANGYAN_FIRM)


def test_huangyan_2022() -> None:
    # 30·30/24.097 + 20·120/136.16 + 20·3/2.694 + 10·4000/4929.81 + 10·20/18.14 + 10·0.03/0.0302
    # = 37.349048 + 17.626322 + 22.271715 + 8.113903 + 11.025358 + 9.933775
    result = huangyan().run()
    assert result.units["score"].tolist() == [106.320121]
    parts = [37.349048, 17.626322, 22.271715, 8.113903, 11.025358, 9.933775]
    assert result.indicators["part"].tolist() == pytest.approx(parts, abs=5e-7)


def test_huangyan_2021_is_another_table_of_benchmarks() -> None:
    # 26.01 / 132.27 / 2.54 / 4861.08 / 17.45 / 0.0305
    found = huangyan(
        tax_wan_per_mu="26.01",
        value_added_wan_per_mu="132.27",
        value_added_wan_per_tce="2.54",
        value_added_wan_per_emission_t="4861.08",
        value_added_wan_per_person="17.45",
        rd_share="0.0305",
    )
    result = found.run()
    assert result.units["score"].tolist() == [105.894835]
    parts = [34.602076, 18.144704, 23.622047, 8.228624, 11.461318, 9.836066]
    assert result.indicators["part"].tolist() == pytest.approx(parts, abs=5e-7)


@pytest.mark.parametrize(
    ("tax", "power", "expected"),
    [
        ("11.5932", "0.2352", 85.645737),  # 2022: 50·10/11.5932 + 50·0.2/0.2352
        ("16.601058", "0.236565", 72.390242),  # 2021
    ],
)
def test_huangyan_small_enterprises(tax, power, expected) -> None:
    """规下: tax per mu 10 and tax per kWh 0.2, weights 50 and 50."""
    pack = {
        "figures": [figure("tax", "wan"), figure("power", "kWh")],
        "indicators": [
            indicator(
                "tax_wan_per_mu", "tax", "land", "50", benchmark="published", published={"all": tax}
            ),
            indicator(
                "tax_per_kwh", "tax", "power", "50", benchmark="published", published={"all": power}
            ),
        ],
    }
    small = rules(**pack, coefficient="none", cap="none", min_cohort=1)
    # tax 30 on 3 mu is 10 per mu; 30 / 150 = 0.2
    assert one_firm(small, tax=30, power=150).run().units["score"].tolist() == [expected]


def test_jingde_minmax_part() -> None:
    """Weight 40, minimum 2, maximum 20: 8 scores 18.666667, the minimum 8 (not 0), 20 scores 40."""
    pack = {
        "figures": [figure("tax", "wan")],
        "indicators": [indicator("tax_wan_per_mu", "tax", "land", "40")],
    }
    firms = [
        Firm(code, {"tax": per_mu * PER}, [(f"P{code}", PER, 300)])
        for code, per_mu in (("A", 8), ("B", 2), ("C", 20))
    ]
    minmax = rules(**pack, score_form="minmax", coefficient="none", min_cohort=1, share="0")
    assert County(firms, minmax).run().units["score"].tolist() == [18.666667, 8.0, 40.0]


def test_jingde_pack_scores_the_same_part() -> None:
    pack = load("jingde-minmax", as_of=AS_OF, override={"min_cohort": 1})
    even = {figure.key: 10 for figure in pack.figures}
    firms = [
        Firm(code, {**even, "tax": per_mu * PER}, [(f"P{code}", PER, 300)])
        for code, per_mu in (("A", 8), ("B", 2), ("C", 20))
    ]
    found = County(firms, pack).run()
    # all other indicators are equal: full marks 10 each, 60 together
    assert found.units["score"].tolist() == [78.666667, 68.0, 100.0]
    tax_parts = found.indicators.set_index(["unit_id", "indicator"])["part"].xs(
        "tax_wan_per_mu", level="indicator"
    )
    assert tax_parts.tolist() == pytest.approx([18.666667, 8.0, 40.0], abs=5e-7)


def test_twice_the_mean_gives_an_average_firm_fifty_points() -> None:
    """淮安: benchmark = 2 × mean, weights 45 + 35 + 20."""
    pack = {
        "figures": [figure("tax", "wan"), figure("revenue", "wan"), figure("energy_tce", "tce")],
        "indicators": [
            indicator("tax_wan_per_mu", "tax", "land", "45", benchmark="twice_mean"),
            indicator("revenue_wan_per_mu", "revenue", "land", "35", benchmark="twice_mean"),
            indicator("tax_wan_per_tce", "tax", "energy_tce", "20", benchmark="twice_mean"),
        ],
    }
    firms = [
        Firm("A", {"tax": 10, "revenue": 90, "energy_tce": 5}, [("P1", 3, 300)]),
        Firm("B", {"tax": 20, "revenue": 100, "energy_tce": 10}, [("P2", 6, 300)]),
        Firm("C", {"tax": 30, "revenue": 110, "energy_tce": 15}, [("P3", 6, 300)]),
        Firm("D", {"tax": 20, "revenue": 100, "energy_tce": 10}, [("P4", 5, 300)]),
    ]
    # D is the mean in everything: 80/20 = 20/5 per mu, 400/20 = 100/5, 80/40 = 20/10
    twice = rules(**pack, coefficient="none", cap="none", min_cohort=1, share="0")
    assert County(firms, twice).units().loc["D", "score"] == 50.0


def test_the_coefficient_flips_the_order() -> None:
    """A 50 mu, tax 600, price 480; B 50 mu, tax 400, price 240: 12.0 > 8.0, but 9.0 < 12.0."""
    firms = [
        Firm("A", {"tax": 600}, [("P1", 50, 480)]),
        Firm("B", {"tax": 400}, [("P2", 50, 240)]),
    ]

    def run(coefficient: str) -> Any:
        pack = rules(**only_tax(), coefficient=coefficient, min_cohort=1, share="0.5")
        return County(firms, pack).run()

    corrected = run("area")
    assert corrected.reference_price == 360.0
    units = corrected.units
    assert units["price_coefficient"].tolist() == pytest.approx([4 / 3, 2 / 3])
    assert units["tax_wan_per_mu"].tolist() == pytest.approx([12.0, 8.0])
    assert units["adjusted_tax_wan_per_mu"].tolist() == pytest.approx([9.0, 12.0])
    assert units["status"].tolist() == ["low_efficiency", "ranked"]
    assert run("none").units["status"].tolist() == ["ranked", "low_efficiency"]

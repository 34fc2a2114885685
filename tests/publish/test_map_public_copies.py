"""Public copies of one run side by side: taking one from the other tells of no small group."""

from __future__ import annotations

import dataclasses
import json
import re

import numpy as np
import pandas as pd
import pytest
import shapely
from public_county import county

from landuse.publish.map import MapOptions, public_units, write_map
from landuse.publish.map.public import public_said
from landuse.publish.map.public_form import WITHHELD, PublicSettings, public_plots, settings_of
from landuse.publish.map.public_groups import LEAST, merged, owners_of, withheld, withheld_too
from landuse.publish.map.public_units import units_of


@pytest.fixture(scope="module")
def run():
    return county()


def counts(rows):
    """Plots of each class in all units together."""
    found = {}
    for row in rows:
        for kind, (plots, _) in row.items():
            found[kind] = found.get(kind, 0) + plots
    return found


def test_a_copy_with_parks_adds_up_to_the_copy_with_plots(run):
    settings = settings_of("park")
    plots = public_plots(run, None, PublicSettings())
    units = units_of(run, public_plots(run, None, settings), settings)
    assert (plots.kind == WITHHELD).any()
    for name, row in zip(units.name, units.rows, strict=True):
        kind, number = np.unique(plots.kind[plots.park == name].astype(str), return_counts=True)
        assert {one: many for one, (many, _) in row.items()} == dict(zip(kind, number, strict=True))


@pytest.mark.parametrize("cell", [500, 1000, 3000])
def test_a_grid_shows_no_plot_that_the_copy_with_plots_withholds(run, cell):
    settings = settings_of(f"grid:{cell}")
    plots = public_plots(run, None, settings)
    units = units_of(run, plots, settings)
    by_plots = {kind: int((plots.kind == kind).sum()) for kind in set(plots.kind)}
    by_units = counts(units.rows)
    for kind, many in by_plots.items():
        less = many - by_units.get(kind, 0)
        # what a square withholds beyond the plots: nothing, or three users' and so plots
        assert less <= 0 if kind == WITHHELD else less == 0 or less >= LEAST, kind
    middle = np.array([[*shape.envelope.centroid.coords[0]] for shape in plots.shape])
    for shape, row in zip(units.shape, units.rows, strict=True):
        if shape.is_empty:
            continue
        low, high = np.array(shape.bounds[:2]), np.array(shape.bounds[2:])
        inside = ((middle >= low) & (middle < high)).all(axis=1)
        assert int(inside.sum()) == sum(many for many, _ in row.values())
        more = row.get(WITHHELD, (0, 0))[0] - int((inside & (plots.kind == WITHHELD)).sum())
        assert more == 0 or more >= LEAST


def skewed(seed):
    """A county of few large classes and parks and many small ones, and squares of its own."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(60, 160))
    kind = rng.choice(6, n, p=rng.dirichlet(np.full(6, 0.4)))
    park = rng.choice(8, n, p=rng.dirichlet(np.ones(8)))
    return kind, rng.integers(0, 2 * n, n), park, rng.integers(0, 12, n), rng.permutation(n)


@pytest.mark.parametrize("seed", range(25))
def test_differences_of_two_copies_are_nothing_or_three_users(seed):
    kind, owner, park, square, secret = skewed(seed)
    first = withheld(kind, owner, [park], secret)
    assert (withheld_too(kind, owner, [park], secret, first) == first).all()
    few = merged(square[~first], owner[~first], 13)
    square = np.where(few[square], 12, square)
    second = withheld_too(kind, owner, [square], secret, first)
    assert second[first].all()
    more = second & ~first
    for side, count in ((kind, 6), (square, 13), (np.zeros_like(kind), 1)):
        users = owners_of(side[more], owner[more], count)
        assert ((users == 0) | (users >= LEAST)).all(), users
    # the second copy alone shows no small group either
    for group, count in ((kind, 6), (square * 6 + kind, 78)):
        users = owners_of(group[~second], owner[~second], count)
        assert ((users == 0) | (users >= LEAST)).all(), users


def test_what_a_grid_withholds_follows_the_secret_rank_and_not_the_place(run, monkeypatch):
    settings = settings_of("grid:500")
    plots = public_plots(run, None, settings)
    assert sorted(plots.secret) == list(range(len(plots)))
    assert not (plots.secret == np.arange(len(plots))).all()
    orders = []

    def spied(kind, owner, sides, order, first):
        orders.append(order.tolist())
        return withheld_too(kind, owner, sides, order, first)

    monkeypatch.setattr(public_units, "withheld_too", spied)
    units_of(run, plots, settings)
    assert orders == [plots.secret.tolist()]
    # of 20 plots one is of its own class: the three that join it are the first of the rank
    kind, backwards = np.array([1] + [0] * 19), np.arange(20)[::-1].copy()
    hidden = withheld_too(kind, np.arange(20), [kind * 0], backwards, kind > 1)
    assert np.flatnonzero(hidden).tolist() == [0, 17, 18, 19]


@pytest.mark.parametrize(("lang", "words"), [("zh", "只公开一种形式"), ("en", "one form only")])
@pytest.mark.parametrize("merge", ["", "park"])
def test_the_command_says_that_one_form_is_to_be_published(run, lang, words, merge):
    assert words in public_said(run, None, settings_of(merge), lang)


@pytest.mark.parametrize("merge", ["", "park"])
def test_a_price_that_the_run_holds_of_a_park_does_not_leave(run, tmp_path, merge):
    name = run.parcels["park"].iloc[0]
    outline = shapely.union_all(run.parcels["geometry"][run.parcels["park"] == name]).envelope
    areas = pd.DataFrame(
        {
            "kind": ["park"],
            "name": [name],
            "park_type": [""],
            "benchmark_price_yuan_per_m2": [734.56],
            "geometry": np.array([outline], dtype=object),
        }
    )
    run = dataclasses.replace(run, areas=areas)
    for audience, prices in (("public", {None}), ("internal", {734.56})):
        public = settings_of(merge) if audience == "public" else None
        options = MapOptions(audience=audience, public=public)
        write_map(run, tmp_path / f"{audience}.html", options=options)
        page = (tmp_path / f"{audience}.html").read_text(encoding="utf-8")
        found = re.search(r'id="landuse-areas">(.*?)</script>', page)
        block = json.loads(found[1])
        assert block["kind"].count("park") == 1
        assert set(block["price"]) == prices
        assert ("734.56" in page) == (audience == "internal")

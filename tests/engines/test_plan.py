"""Costs from measured runs: what was put in comes out, and a run of known cost is foreseen."""

from __future__ import annotations

import numpy as np
import pytest

from landuse.engines.parts.timings import Driver, Round, Task, Timings
from landuse.engines.plan.cluster import Cluster, Stage, simulate
from landuse.engines.plan.predict import (
    AFTER,
    Measured,
    Size,
    fit,
    fitted_costs,
    machines_for,
    measured,
    predict,
)


def _seconds(size):
    """Known costs: 2 s, 1 ms a row of the part, 10 ms for each part that there is."""
    return 2 + 1e-3 * size.rows + 0.01 * size.parts


def _run(parcels, parts):
    size = Size(parcels, parts)
    tasks = [
        Task(part, 9.0, _seconds(size), int(40 * size.rows), int(10 * size.rows), 90)
        for part in range(parts)
    ]
    again = [Task(part, 9.0, 1.0, 0, 0, 0) for part in range(parts)]
    some = [
        Task(part, 9.0, 3e-6 * parcels / min(parts, 16), 0, 0, 0) for part in range(min(parts, 16))
    ]
    spans = [Task(part, 9.0, 2e-6 * 50_000, 0, 0, 0) for part in range(parcels // 50_000)]
    rounds = (
        Round("survey_land", 0, Driver(), Driver(), spans),
        Round("match", 10, Driver(0, 5e-6 * parcels), Driver(0, 0.25 * parts), tasks),
        Round("yard", 20, Driver(), Driver(), again),
        Round("yard", 40, Driver(), Driver(), again),
        Round("settle", 0, Driver(), Driver(), some),
    )
    run = Timings(parcels, parcels, parts, parts, rounds, Driver(0, 3e-6 * parcels))
    return measured(run)


RUNS = [_run(100_000, 10), _run(100_000, 40), _run(1_000_000, 10)]


def test_a_measured_run_as_rounds_of_average_parts():
    assert RUNS[0].size == Size(100_000, 10)
    survey, match, yard, settle, after = RUNS[0].stages
    assert survey.tasks == 2
    assert (match.name, match.tasks, match.moved, match.answer) == ("match", 10, 500_000, 100)
    assert match.seconds == pytest.approx(2 + 10 + 0.1)
    assert match.before == pytest.approx(0.5)
    assert match.inside == pytest.approx(0.25)
    assert settle.tasks == 10
    assert (yard.tasks, yard.seconds, yard.answer) == (20, 1.0, 30)  # two rounds of one name
    assert (after.name, after.tasks, after.before) == (AFTER, 0, pytest.approx(0.3))


def test_a_larger_run_is_foreseen_from_three_smaller_ones():
    size = Size(300_000_000, 3000)
    survey, match, yard, settle, after = predict(fitted_costs(RUNS), size)
    # as many spans as rows of the files ask for, however many parts
    assert (survey.tasks, survey.seconds) == (6000, pytest.approx(0.1))
    assert match.tasks == 3000
    assert match.seconds == pytest.approx(_seconds(size))
    assert match.moved == pytest.approx(50 * size.rows)
    assert match.before == pytest.approx(1500)
    assert match.inside == pytest.approx(0.25)
    assert (yard.tasks, yard.seconds) == (6000, pytest.approx(1.0))
    # sixteen tasks whatever the parts, which do all of the work
    assert (settle.tasks, settle.seconds) == (16, pytest.approx(3e-6 * 3e8 / 16))
    assert after.before == pytest.approx(900)
    whole = simulate([match], Cluster(1, workers=1))
    assert whole.seconds == pytest.approx(1500 + 3000 * _seconds(size) + 0.25)


def test_factors_are_never_negative():
    # what falls with size is taken for a constant: nothing becomes cheaper than nothing
    found = fit(np.array([[1.0, 1.0], [1.0, 2.0]]), np.array([10.0, 9.0]))
    assert found[1] == 0
    assert 9 <= found[0] <= 10
    assert fit(np.array([[1.0], [1.0]]), np.zeros(2)).tolist() == [0.0]


def test_runs_must_have_the_same_rounds():
    other = Measured(Size(1, 1), (Stage("else", 1, 1.0),))
    with pytest.raises(ValueError, match="same rounds"):
        fitted_costs([*RUNS, other])
    with pytest.raises(ValueError, match="same rounds"):
        fitted_costs([])


def test_so_many_machines_are_enough():
    # 12 parts of 10 s, two workers a machine, 30 s: three turns, so four workers
    stages = [Stage("a", 12, 10.0)]
    assert machines_for(stages, Cluster(1, workers=2), 30.0) == 2
    assert machines_for(stages, Cluster(1, workers=2), 10.0) == 6
    assert machines_for(stages, Cluster(1, workers=2), 9.9) is None
    assert machines_for([Stage("a", 1, 1.0, before=50.0)], Cluster(1), 50.0) is None  # the driver

"""The simulated cluster: known answers by hand, and nothing lost or done twice whatever happens."""

from __future__ import annotations

import math

import pytest

from landuse.engines.plan.cluster import Bounds, Cluster, Stage, bounds, simulate


def test_one_worker_takes_the_sum():
    stages = [Stage("a", 7, 3.0, before=2.0, inside=0.5), Stage("b", 2, 10.0)]
    found = simulate(stages, Cluster(1, workers=1))
    # the driver takes in an answer while the worker does the next part: only the last one waits
    assert [passed.seconds for passed in found.rounds] == [2 + 7 * 3 + 0.5, 20]
    assert found.total("useful") == 7 * 3 + 2 * 10
    assert found.total("driver") == 2 + 7 * 0.5


@pytest.mark.parametrize(("tasks", "machines", "workers"), [(10, 2, 2), (9, 3, 3), (1, 5, 8)])
def test_equal_parts_take_so_many_turns(tasks, machines, workers):
    found = simulate([Stage("a", tasks, 6.0)], Cluster(machines, workers=workers))
    assert found.seconds == math.ceil(tasks / (machines * workers)) * 6
    assert found.total("useful") == tasks * 6


def test_a_slow_driver_is_what_many_workers_wait_for():
    found = simulate([Stage("a", 100, 1.0, inside=2.0)], Cluster(50, workers=2))
    assert found.seconds == 1 + 100 * 2
    slow = simulate([Stage("a", 100, 1.0, answer=30.0)], Cluster(50, workers=2, link=10.0))
    assert slow.seconds == pytest.approx(1 + 100 * 3)  # answers come through one link


def test_movers_share_the_disk_evenly():
    # Three parts of 60 bytes on a disk of 12 a second, workers for two: 6 a second each, 10 s;
    # then the third alone, but no faster than its half of the link (5 a second), 12 s.
    found = simulate([Stage("a", 3, 0.0, moved=60.0)], Cluster(1, workers=2, disk=12.0, link=20.0))
    assert found.seconds == pytest.approx(10 + 6)  # the link gives each worker 10 a second
    narrow = simulate([Stage("a", 3, 0.0, moved=60.0)], Cluster(1, workers=2, disk=12.0, link=10.0))
    assert narrow.seconds == pytest.approx(12 + 12)
    assert narrow.total("moved") == 180


def test_who_comes_late_slows_those_who_are_there():
    # Two workers: both move 10 bytes at 1 a second until 10 s, compute 5 s, move again until 25 s.
    found = simulate([Stage("a", 4, 5.0, moved=10.0)], Cluster(2, workers=1, disk=2.0, link=9.0))
    assert found.seconds == pytest.approx(2 * (10 + 5))
    # One part fails at 5 s, with 5 of its 10 bytes there: the other is alone from then on.
    alone = Cluster(2, workers=1, disk=2.0, link=9.0, outages=((5.0, 1),), restart=100.0)
    found = simulate([Stage("a", 2, 5.0, moved=10.0)], alone)
    first = 5 + 5 / 2 + 5
    assert found.seconds == pytest.approx(first + 10 / 2 + 5)


def test_what_a_failed_machine_was_doing_is_done_again():
    # Machines 0 and 1, two workers each, 8 parts of 10 s. Machine 1 fails at 15 s: two parts are
    # lost after 5 s each. Machine 0 does them from 20 s on; machine 1 is back at 35 s, too late.
    cluster = Cluster(2, workers=2, outages=((15.0, 1),), restart=20.0)
    found = simulate([Stage("a", 8, 10.0)], cluster)
    (passed,) = found.rounds
    assert (found.failures, passed.attempts, passed.lost) == (1, 10, 10.0)
    assert sorted(passed.done) == list(range(8))
    assert passed.useful == 80
    assert passed.seconds == 30
    # Back at once, machine 1 does its two parts again from 15 s on.
    quick = simulate([Stage("a", 8, 10.0)], Cluster(2, workers=2, outages=((15.0, 1),)))
    assert quick.seconds == 25
    both = Cluster(2, workers=2, outages=((15.0, 1), (16.0, 0)), restart=4.0)
    # nobody from 16 s to 19 s; two parts again from 19 s on, the other two from 20 s on
    assert simulate([Stage("a", 8, 10.0)], both).seconds == 30


def test_a_machine_that_is_down_does_not_fail_twice():
    cluster = Cluster(1, workers=2, outages=((5.0, 0), (6.0, 0), (7.0, 0)), restart=10.0)
    found = simulate([Stage("a", 6, 1.0)], cluster)
    assert found.failures == 0  # done after three seconds
    found = simulate([Stage("a", 6, 4.0)], cluster)
    # 2 done at 4 s, 2 lost at 5 s, back at 15 s with two workers, as before: two turns more
    assert (found.failures, found.seconds) == (1, 23)


def test_no_run_is_faster_than_its_workers_its_disk_and_its_driver():
    stages = [
        Stage("a", 40, 10.0, moved=60.0, answer=5.0, before=7.0, inside=0.5),
        Stage("b", 8, 5.0, moved=30.0, before=2.0),
    ]
    cluster = Cluster(4, workers=2, disk=30.0, link=10.0, dispatch=0.25)
    least = bounds(stages, cluster)
    # (400 + 40) / 8; (2400 + 240) / 30; 7 + 40 × (0.5 + 0.5 + 0.25) + 2 + 8 × 0.25
    assert least == Bounds(workers=55.0, disk=88.0, driver=61.0)
    assert simulate(stages, cluster).seconds >= 88
    wide = Cluster(4, workers=2, disk=1e9, link=10.0)
    assert bounds(stages, wide).disk == 2640 / 40  # four links give less than the disk


@pytest.mark.parametrize("seed", range(8))
def test_whatever_happens_every_part_is_done_once(seed):
    stages = [
        Stage("a", 97, 30.0, moved=5e6, answer=1e4, before=20.0, inside=0.01),
        Stage("b", 40, 5.0, moved=1e6),
        Stage("after", 0, 0.0, before=60.0),
    ]
    cluster = Cluster(
        5, workers=3, disk=2e7, link=1e7, dispatch=0.001, spread=0.4, stragglers=0.05,
        slowness=6.0, lifetime=0.2, restart=45.0,
    )  # fmt: skip
    found = simulate(stages, cluster, seed)
    assert found.failures > 0
    for stage, passed in zip(stages, found.rounds, strict=True):
        assert sorted(passed.done) == list(range(stage.tasks))
        assert passed.attempts >= stage.tasks
        assert (passed.lost > 0) == (passed.attempts > stage.tasks)
        assert passed.moved == pytest.approx(stage.tasks * stage.moved)
        room = 15 * passed.seconds
        assert passed.useful + passed.lost <= room + 1e-6  # no worker does two things at once
        assert passed.useful >= stage.tasks * stage.moved / 2e7  # no disk is faster than it is
    began = [passed.began for passed in found.rounds]
    assert began == [0, *(passed.ended for passed in found.rounds[:-1])]
    assert simulate(stages, cluster, seed) == found
    assert simulate(stages, cluster, seed + 100).seconds != found.seconds


def test_luck_has_the_mean_that_is_said():
    even = simulate([Stage("a", 4000, 10.0)], Cluster(1, workers=1, spread=0.5), seed=3)
    assert even.total("useful") == pytest.approx(40_000, rel=0.02)
    slow = Cluster(1, workers=1, stragglers=0.1, slowness=5.0)
    found = simulate([Stage("a", 20_000, 10.0)], slow, seed=3)
    assert found.total("useful") == pytest.approx(200_000 * (0.9 + 0.1 * 5), rel=0.03)

"""Classes of values: the ends are those that mapclassify finds, to the last bit."""

import warnings

import mapclassify
import numpy as np
import pytest

from landuse.publish.map.breaks import natural, quantiles


def samples():
    rng = np.random.default_rng(11)
    yield rng.lognormal(0, 2, 240)
    yield np.round(rng.lognormal(3, 1, 60), 1)
    yield np.repeat(rng.normal(0, 1, 12), 7)
    yield np.arange(6.0)
    yield np.concatenate([np.zeros(50), rng.uniform(0, 2, 20), [1e9]])
    yield np.round(rng.uniform(0, 2, 240), 6)


@pytest.mark.parametrize("values", list(samples()))
@pytest.mark.parametrize("classes", [3, 5])
def test_ends_are_those_of_mapclassify(values, classes):
    ordered = np.sort(values)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        breaks = mapclassify.FisherJenks(ordered, k=classes).bins
        ends = mapclassify.Quantiles(ordered, k=classes).bins
    assert natural(ordered, classes).tolist() == breaks.tolist()
    assert quantiles(ordered, classes).tolist() == ends.tolist()

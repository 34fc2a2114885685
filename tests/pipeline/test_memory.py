"""Memory is kept within a batch and given back after it; what was set before holds again."""

from __future__ import annotations

import gc
import platform

import numpy as np
import pyarrow as pa
import pytest

from landuse.pipeline.memory import kept_for_reuse


def test_the_pool_of_before_holds_again_whatever_happens():
    before = pa.default_memory_pool().backend_name

    def fail():
        with kept_for_reuse():
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert pa.default_memory_pool().backend_name == before


def test_blocks_that_overlap_end_as_they_began():
    before = pa.default_memory_pool().backend_name
    one, two = kept_for_reuse(), kept_for_reuse()
    one.__enter__()
    two.__enter__()
    within = pa.default_memory_pool().backend_name
    one.__exit__(None, None, None)
    assert pa.default_memory_pool().backend_name == within
    two.__exit__(None, None, None)
    assert pa.default_memory_pool().backend_name == before


@pytest.mark.parametrize("searching", [True, False])
def test_unused_rings_are_looked_for_again_after_the_last_block(searching):
    was = gc.isenabled()
    (gc.enable if searching else gc.disable)()
    try:
        one, two = kept_for_reuse(), kept_for_reuse()
        one.__enter__()
        two.__enter__()
        one.__exit__(None, None, None)
        assert not gc.isenabled()
        two.__exit__(None, None, None)
        assert gc.isenabled() == searching
    finally:
        (gc.enable if was else gc.disable)()


def test_what_was_made_within_outlives_the_block():
    with kept_for_reuse():
        kept = pa.array(range(1000))
    assert kept.to_pylist() == list(range(1000))


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library")
def test_what_is_free_is_not_asked_of_the_system_again():
    import resource

    def faults():
        return resource.getrusage(resource.RUSAGE_SELF).ru_minflt

    with kept_for_reuse():
        np.ones(4_000_000)
        before = faults()
        for _ in range(5):
            np.ones(4_000_000)
        assert faults() - before < 1000

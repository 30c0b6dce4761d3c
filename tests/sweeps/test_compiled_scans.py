"""What trials find when they start."""

import multiprocessing

import pytest

from c5snn.sweeps.local import PRELOADED

LOADED = "__import__('sys').modules['c5snn.ops._compiler'].compiled_kernels.cache_info().currsize"


@pytest.mark.slow
def test_trials_start_with_compiled_scans():
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOADED)
    with context.Pool(1) as pool:
        assert pool.apply(eval, (LOADED,)) == 1

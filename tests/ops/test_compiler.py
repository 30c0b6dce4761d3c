"""Compiled code: when it is made, where it is kept, and what happens without it."""

import os
import re
import subprocess
import sys

import pytest
import torch

from c5snn.errors import ConfigError
from c5snn.ops import named_surrogate, scan_lif, use
from c5snn.ops._compiler import compiled_kernels, numba_is_installed

ATAN = named_surrogate("atan")
COMPARE = """
import torch
from c5snn.ops import named_surrogate, scan_lif, scan_recurrent_lif, use

torch.manual_seed(0)
for shape in [(7, 3, 5), (21, 64, 128)]:
    current, beta = torch.randn(shape, requires_grad=True), torch.rand(shape[2])
    recurrence = {"weight": torch.randn(shape[2], shape[2]) / shape[2] ** 0.5, "bias": torch.randn(shape[2])}
    for scan, more in [(scan_lif, {}), (scan_recurrent_lif, recurrence)]:
        for curve in ["fast_sigmoid", "atan"]:
            results = []
            for implementation in ["reference", "fused", "compiled"]:
                with use(implementation):
                    result = scan(current, beta, **more, surrogate=named_surrogate(curve))
                gradient = torch.autograd.grad((result.spikes * result.membranes).sum(), current)[0]
                results.append((result.membranes, result.spikes, gradient))
            assert all(map(torch.equal, results[0][:2], results[2][:2]))
            assert all(map(torch.equal, results[1], results[2]))
"""


@pytest.fixture
def cache_home(tmp_path, monkeypatch):
    """An empty folder that stands for the user's cache."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


def load():
    """Return the loops as a new process would get them."""
    return compiled_kernels.__wrapped__(torch.float32)


def n_hits(kernels):
    return sum(sum(kernel.stats.cache_hits.values()) for kernel in kernels)


def test_code_is_compiled_once_and_then_loaded(cache_home):
    import numba

    before = numba.config.CACHE_DIR
    first = load()
    assert numba.config.CACHE_DIR == before != str(cache_home)
    assert n_hits(first) == 0
    assert list(cache_home.glob("c5snn/*/float32/**/*.nbc"))
    assert n_hits(load()) == len(first)


@pytest.mark.slow
def test_no_product_is_fused_with_a_sum(cache_home):
    del cache_home  # what comes from a cache has no listing
    listings = [listing for kernel in load() for listing in kernel.inspect_asm().values()]
    assert all("mul" in listing for listing in listings)
    assert not any(re.search(r"\bv?fn?m(add|sub)", listing) for listing in listings)


@pytest.mark.slow
def test_damaged_code_is_replaced(cache_home):
    n_loops = len(load())
    for file in cache_home.rglob("*.nb?"):
        file.write_bytes(b"damaged")
    assert n_hits(load()) == 0
    assert n_hits(load()) == 0
    assert n_hits(load()) == n_loops


@pytest.mark.slow
def test_without_a_folder_code_stays_in_memory(cache_home):
    cache_home.write_text("not a folder")
    assert n_hits(load()) == 0
    assert cache_home.read_text() == "not a folder"


@pytest.fixture
def _numba_is_missing(monkeypatch):
    monkeypatch.setitem(sys.modules, "numba", None)
    numba_is_installed.cache_clear()
    yield
    numba_is_installed.cache_clear()


@pytest.mark.usefixtures("_numba_is_missing")
def test_without_numba_scans_are_fused():
    current = torch.randn(3, 2, 5, requires_grad=True)
    usual = scan_lif(current, 0.9, surrogate=ATAN)
    with use("fused"):
        fused = scan_lif(current, 0.9, surrogate=ATAN)
    assert usual.spikes.grad_fn.loops == fused.spikes.grad_fn.loops


@pytest.mark.usefixtures("_numba_is_missing")
def test_without_numba_the_extra_is_named():
    with use("compiled"), pytest.raises(ConfigError, match=r"c5snn\[fast\]"):
        scan_lif(torch.randn(3, 2, 5), 0.9, surrogate=ATAN)


@pytest.mark.slow
def test_numba_is_imported_when_a_scan_runs():
    script = """
import sys, torch
from c5snn.ops import named_surrogate, scan_lif
assert "numba" not in sys.modules
scan_lif(torch.ones(1, 1, 1), 0.9, surrogate=named_surrogate("atan"))
assert "numba" in sys.modules
"""
    subprocess.run([sys.executable, "-c", script], check=True)


@pytest.mark.slow
@pytest.mark.parametrize(("vectors", "processor"), [("avx2", "haswell"), ("default", "generic"), ("", "")])
def test_all_processors_compute_the_same(vectors, processor):
    settings = {"ATEN_CPU_CAPABILITY": vectors, "NUMBA_CPU_NAME": processor} if vectors else {}
    subprocess.run([sys.executable, "-c", COMPARE], check=True, env=os.environ | settings)

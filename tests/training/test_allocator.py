"""Memory that the C library keeps between training steps."""

import platform
import subprocess
import sys

import pytest

PAGE_FAULTS = """
import resource, torch
from c5snn.training.allocator import keep_freed_memory
torch.set_num_threads(1)
def faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(20):
        torch.ones(4_000_000)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before
torch.ones(4_000_000)
print(faults(), keep_freed_memory(), faults() and faults())
"""


def counted(**environment):
    words = [sys.executable, "-c", PAGE_FAULTS]
    environment |= {"OMP_NUM_THREADS": "1"}
    done = subprocess.run(words, env=environment, capture_output=True, text=True, check=True)
    before, is_set, after = done.stdout.split()
    return int(before), is_set == "True", int(after)


@pytest.mark.slow
@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="needs glibc")
def test_pages_of_freed_tensors_are_not_cleared_again():
    before, is_set, after = counted()
    assert is_set
    assert before > 100  # 16 MB twenty times: 78,000 pages of 4 KB, 160 of 2 MB, or some of each
    assert after < before / 10


@pytest.mark.slow
def test_the_users_own_thresholds_stay():
    before, is_set, after = counted(MALLOC_TRIM_THRESHOLD_="131072")
    assert not is_set
    assert after == pytest.approx(before, rel=0.1)

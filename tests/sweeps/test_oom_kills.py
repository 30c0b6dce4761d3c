"""Which killed trials the kernel's count of its out-of-memory kills explains."""

from c5snn.sweeps.local import OomKills


def test_the_kernels_kills_each_explain_one_trial(tmp_path):
    counter = tmp_path / "memory.events"
    counter.write_text("low 7\noom 4\noom_kill 3\noom_group_kill 9\n")
    kills = OomKills(counter)
    assert not kills.explain()
    counter.write_text("oom 5\noom_kill 4\n")
    assert kills.explain()
    assert not kills.explain()
    counter.write_text("oom 6\noom_kill 5\n")
    kills.forget()
    assert not kills.explain()


def test_a_kernel_that_counts_nothing_explains_nothing(tmp_path):
    assert not OomKills(None).explain()
    assert not OomKills(tmp_path / "absent").explain()

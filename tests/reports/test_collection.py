"""What lies in a sweep's folder: results, failures, and trials that its table no longer lists."""

import pytest

from c5snn.analysis.own_sweeps import read_sweep
from c5snn.errors import ConfigError
from c5snn.files import write_text
from c5snn.records import COMMIT
from c5snn.records.run_folder import TEST_ITEMS
from c5snn.reports.collection import Damage, collect
from c5snn.reports.report import make_report
from c5snn.sweeps.ledger import write_failure


@pytest.fixture
def sweep(tmp_path, make_run):
    """A sweep of two listed trials, a stale one and one that failed."""
    for name in ("first", "second", "old"):
        make_run(f"sweep/trials/{name}", seed=len(name))
    failed = tmp_path / "sweep/trials/failed"
    failed.mkdir()
    write_failure(failed, "oom", "no memory left", attempts=1)
    rows = ["config_id,same_as,key", "1,,first", "2,1,first", "3,,second", "4,,failed"]
    write_text(tmp_path / "sweep/trials.csv", "\n".join(rows) + "\n")
    return tmp_path / "sweep"


def test_a_trial_that_the_table_does_not_list_is_left_out_and_counted(sweep):
    found = collect([sweep])
    assert sorted(run.folder.name for run in found.runs) == ["first", "second"]
    assert found.stale == {str(sweep): 1}


def test_a_failed_trial_is_reported_with_its_reason(sweep):
    (failure,) = collect([sweep]).failures
    assert (failure.status, failure.message) == ("oom", "no memory left")
    assert failure.folder.endswith("failed")


def test_configurations_that_were_not_run_because_another_computes_the_same_are_counted(sweep):
    assert collect([sweep]).same_as == {str(sweep): 1}


def test_without_a_table_every_trial_counts(sweep):
    (sweep / "trials.csv").unlink()
    assert len(collect([sweep]).runs) == 3


def test_a_folder_given_twice_is_read_once(sweep):
    assert len(collect([sweep, sweep / "trials/first"]).runs) == 2


def test_a_diverged_run_is_a_failure_and_no_result(make_run, tmp_path):
    make_run("good")
    make_run("bad", status="diverged")
    found = collect([tmp_path])
    assert [run.folder.name for run in found.runs] == ["good"]
    assert [failure.status for failure in found.failures] == ["diverged"]


def test_a_grid_of_which_every_run_diverged_has_nothing_to_analyse(make_run, tmp_path):
    for name in ("one", "two"):
        make_run(f"sweep/trials/{name}", status="diverged")
    with pytest.raises(ConfigError, match=r"of `.*sweep` none has: 2 failed, diverged or still run"):
        read_sweep(tmp_path / "sweep")


def test_a_folder_without_results_is_refused(tmp_path):
    with pytest.raises(ConfigError, match=r"result\.json"):
        collect([tmp_path / "nowhere"])


@pytest.mark.parametrize("damage", [lambda path: path.unlink(), lambda path: path.write_bytes(path.read_bytes()[:-40])])
def test_a_test_whose_items_are_damaged_counts_as_none(make_run, rankings_of, tmp_path, damage):
    damage(make_run("torn", rankings=rankings_of()).folder / TEST_ITEMS)
    found = collect([tmp_path])
    assert [run.test for run in found.runs] == [None]
    assert found.damaged == [Damage(str(tmp_path / "torn"), (TEST_ITEMS,), "test")]
    assert any("c5snn test RUN" in text for text in make_report(found).warnings)


def test_damaged_tables_do_not_stop_a_report_without_commit_records(make_run, rankings_of, tmp_path):
    run = make_run("sweep/trials/a", rankings=rankings_of(), curve=(0.5, 0.6))
    (run.folder / COMMIT).unlink()
    (run.folder / "metrics.csv").write_text("epoch,val_recall_at_20\n0,0.5\n1,0.x")
    (tmp_path / "sweep/trials.csv").write_bytes(b"config_id,key\n1,\xff")
    report = make_report(collect([tmp_path / "sweep"]), n_draws=50)
    assert report.comparisons[0].curves == []
    assert len(report.comparisons[0].configurations) == 1


def test_a_trial_keeps_the_base_of_the_first_configuration_that_computes_it(sweep):
    rows = ["config_id,same_as,base,key", "1,,original/gru,first", "2,1,gru,first", "3,,gru,second"]
    write_text(sweep / "trials.csv", "\n".join(rows) + "\n")
    found = {folder.name: base for folder, base in collect([sweep]).bases.items()}
    assert found == {"first": "original/gru", "second": "gru"}

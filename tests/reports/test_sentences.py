"""Sentences are right for none, for one and for several."""

from dataclasses import replace
from statistics import NormalDist

import pytest

from c5snn.records import score_configurations
from c5snn.reports.collection import Collection
from c5snn.reports.networks import networks_of, networks_section
from c5snn.reports.report import document_of, make_report
from c5snn.reports.uncertainty import power_of, power_section, spread_section


@pytest.fixture
def entry(make_run, rankings_of):
    """A configuration of two seeds."""
    runs = [make_run(f"{seed}", seed=seed, rankings=rankings_of(seed)) for seed in (1, 2)]
    return score_configurations({"gru": runs}, n_draws=50)[0]


@pytest.mark.parametrize(
    ("rates", "said"),
    [
        ([(0.3,)], "1 network measured: no fault was found."),
        ([(0.0,)], "1 network measured: 1 has a dead layer."),
        ([(0.0,), (0.0, 1.0), (0.3,)], "3 networks measured: 2 have a dead layer; 1 has a saturated layer."),
    ],
)
def test_networks_are_counted(make_run, network, rates, said):
    runs = [make_run(f"{i}", seed=i, activity=network(*of_run)) for i, of_run in enumerate(rates)]
    assert networks_section(networks_of("gru", runs), "window").sentences == [said]


def test_the_spread_over_seeds_is_said_of_none_of_one_and_of_several(entry):
    (none,) = spread_section([replace(entry, test={"recall_at_20": replace(entry.score, std=None)})]).sentences
    assert none == "Only one seed was tested per configuration, so the spread over seeds is unknown."
    (one,) = spread_section([replace(entry, test={"recall_at_20": replace(entry.score, std=9.0)})]).sentences
    assert one == "The spread over seeds exceeds the sampling error for gru."
    small = replace(entry, test={"recall_at_20": replace(entry.score, std=0.0)})
    (several,) = spread_section([small, small]).sentences
    assert (
        several == "The spread over seeds exceeds the sampling error for none of 2 configurations with several seeds."
    )


@pytest.mark.parametrize("lift", [-0.01, 0.5])
def test_nothing_is_said_of_the_power_at_the_lift_that_was_observed(lift):
    found = power_section(power_of(300, 0.05, [lift]), "window", "chance").sentences
    limit = lift + NormalDist().inv_cdf(0.95) * (0.05 / 300) ** 0.5
    assert found[1:] == [f"The lift here is at most +{limit:.4f} (upper 95 % limit)."]


@pytest.mark.parametrize(("n", "said"), [(1, "gru was not tested"), (2, "None of 2 configurations was tested")])
def test_without_any_test_nothing_is_concluded(make_run, n, said):
    runs = [make_run(f"{i}", arguments={"hidden_size": i}) for i in range(n)]
    report = make_report(Collection(runs, [], {}, {}), n_draws=50)
    assert report.verdict[0].startswith(f"{said}, so nothing can be concluded")
    assert report.comparisons[0].power is None
    assert "Against chance" not in {section.title for section in document_of(report).sections}

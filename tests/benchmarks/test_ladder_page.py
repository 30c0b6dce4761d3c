"""The page of the ladder says what its sweeps say, the losses first, and nothing of sweeps that were not run."""

import pytest

from benchmarks.ladder_page import SWEEPS, Results, Sweep, _claims, _losses, main
from tests.reports.conftest import events, ladder_run, ladder_runs, make_run, network, rankings_of

__all__ = ["events", "ladder_run", "ladder_runs", "make_run", "network", "rankings_of"]


@pytest.fixture
def paired(ladder_runs, tmp_path):
    """A sweep in which the spiking network is far below one GRU and far above the other."""
    ladder_runs({"frequency": 0.1, "gru": 0.9, "gru_decay": 0.2, "spike_gru": 0.5})
    return Results(Sweep({".": "ladder.yaml"}, SWEEPS["paired"].titles), tmp_path)


def test_what_the_spiking_network_loses_stands_first(paired):
    lines = _losses([paired.ladder]).splitlines()
    assert lines[0].startswith("* spike_gru against gru: above on 0 of 2 rows, below on 2")
    assert lines[1].startswith("* spike_gru against gru_decay: above on 2 of 2 rows")


def test_a_spiking_network_goes_by_its_model_and_is_not_compared_with_another(ladder_run, tmp_path):
    for seed in (1, 2, 3):
        ladder_run("gru", "Successor", seed, 0.9 + 0.01 * seed)
        for size in (4, 8):
            sizes = {"n_parts": 39, "hidden_size": size}
            ladder_run("spike_gru", "Successor", seed, 0.5 + 0.01 * seed, arguments=sizes)
    ladder = Results(Sweep({".": "studies"}, ()), tmp_path).ladder
    starts = [line.partition(":")[0] for line in _losses([ladder]).splitlines() if line.startswith("*")]
    assert starts == [f"* spike_gru hidden_size={size} against gru" for size in (4, 8)]


@pytest.mark.slow
def test_the_page_shows_the_sections_of_the_report_without_their_titles(paired):
    text = paired.text()
    assert text.startswith("gru: above the baseline frequency on 2 of 2 rows")
    assert "| skill | frequency | gru | gru_decay | spike_gru |" in text
    assert "| spike_gru minus | frequency | gru | gru_decay |" in text
    assert "#" not in text
    assert "24 trials on data seeds 1, 2 and 3, 1 minute of training" in paired.state()
    assert "* gru: above the baseline frequency on 2 of 2 rows" in _claims({"paired": paired.ladder})


def test_a_page_without_results_claims_nothing(tmp_path, capsys):
    page = tmp_path / "ladder.md"
    assert main(["--sweeps", str(tmp_path), "--output", str(page)]) == 0
    assert f"written to {page}" in capsys.readouterr().out
    text = page.read_text()
    assert "Nothing can be said yet of the spiking network beside a GRU." in text
    assert "`c5snn sweep ladder.yaml --profile paired` left no result yet." in text
    assert "`c5snn sweep ladder_rates.yaml` left no result yet." in text
    assert "\n\n\n" not in text
    assert "too few results" not in text
    assert "above" not in text.split("## The network")[0].split("## Strength 1")[1]
    assert [path.name for path in tmp_path.iterdir()] == ["ladder.md"]

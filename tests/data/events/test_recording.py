import numpy as np
import pytest
import torch

from c5snn.cli import main
from c5snn.data import EventDataModule
from c5snn.data.events.ragged import write_ragged
from c5snn.data.events.reading import read_history
from c5snn.data.events.recording import LeakyUnits, oracle_path, record, write_oracle
from c5snn.errors import ConfigError, DataError
from c5snn.models import FrequencyBaseline

UNITS = LeakyUnits(n_units=20)


@pytest.fixture(scope="module")
def recording():
    return record(UNITS, n_bins=3_000, data_seed=2)


@pytest.fixture
def written(recording, tmp_path):
    write_ragged(recording.history, tmp_path / "spikes.csv")
    write_oracle(recording, tmp_path / "spikes.csv")
    return tmp_path / "spikes.csv"


def data_of(path, **arguments) -> EventDataModule:
    data = EventDataModule(str(path), n_parts=20, n_active="varies", window=5, **arguments)
    data.setup()
    return data


def test_every_log_odds_is_that_of_the_equations_one_unit_at_a_time(recording):
    spikes, connections = recording.history.multi_hot(), recording.connections
    for unit in (0, 7, 19):
        membrane, spiked = UNITS.rest, 0.0
        for t in range(200):
            arriving = sum(
                weight * spikes[t - delay, source]
                for source, delay, weight in zip(
                    connections.sources[unit], connections.delays[unit], connections.weights[unit], strict=True
                )
                if t >= delay
            )
            membrane = UNITS.beta * membrane + UNITS.rest * (1 - UNITS.beta) + arriving - spiked
            assert recording.oracle[t, unit] == pytest.approx((membrane - 1) / UNITS.noise)
            spiked = spikes[t, unit]


def test_units_spike_as_often_as_the_oracle_says(recording):
    chances = 1 / (1 + np.exp(-recording.oracle))
    spikes = recording.history.multi_hot()
    for low, high in ((0.0, 0.05), (0.05, 0.3), (0.3, 1.0)):
        is_in = (chances >= low) & (chances < high)
        error = np.sqrt((chances[is_in] * (1 - chances[is_in])).sum()) / is_in.sum()
        assert abs(spikes[is_in].mean() - chances[is_in].mean()) < 4 * error


def test_no_unit_listens_to_itself_and_one_in_five_inhibits(recording):
    sources, _, weights = recording.connections
    assert (sources != np.arange(20)[:, None]).all()
    assert ((weights < 0) == (sources >= 16)).all()


def test_a_longer_recording_begins_with_the_shorter_one(recording):
    short = record(UNITS, n_bins=100, data_seed=2)
    assert np.array_equal(short.oracle, recording.oracle[:100])


def test_the_oracle_beside_a_recording_is_the_best_ranking(written, recording):
    data = data_of(written)
    scores = data.oracle_scores("test")
    assert np.allclose(scores, recording.oracle[data.events("test")], atol=1e-4)
    record_of_oracle = FrequencyBaseline().judge(torch.from_numpy(scores), data).record
    assert record_of_oracle.skill == pytest.approx(1.0)
    assert record_of_oracle.score.value == pytest.approx(record_of_oracle.oracle)
    equal = FrequencyBaseline().judge(torch.zeros(scores.shape), data).record
    assert equal.skill == pytest.approx(0.0, abs=1e-9)


def test_a_recording_without_its_oracle_has_no_skill(written):
    oracle_path(written).unlink()
    data = data_of(written)
    assert data.oracle is None
    assert FrequencyBaseline().judge(torch.zeros(len(data.events("test")), 20), data).record.skill is None


def test_the_oracle_of_another_recording_is_refused(written):
    write_oracle(record(UNITS, n_bins=3_000, data_seed=3), written)
    with pytest.raises(DataError, match="oracle of another history"):
        data_of(written)


def test_a_damaged_oracle_is_refused(written):
    oracle_path(written).write_bytes(b"PK\x03\x04 damaged")
    with pytest.raises(DataError, match="cannot be read as the oracle"):
        data_of(written)


def test_the_command_writes_what_the_data_module_reads(tmp_path, capsys):
    path = tmp_path / "spikes.csv"
    assert main(["data", "synthesize", str(path), "--recording", "--n-events", "300"]) == 0
    assert "--config spike_trains.yaml" in capsys.readouterr().out
    history = read_history(path, 100, "varies")
    assert (len(history), history.sha256) == (300, record(LeakyUnits(), n_bins=300, data_seed=1).history.sha256)
    assert main(["data", "synthesize", str(path), "--recording", "--n-events", "300"]) == 2


@pytest.mark.parametrize("option", [["--signal", "Skew"], ["--sizes", "PoissonSizes"], ["--n-parts", "9"]])
def test_a_recording_takes_no_option_of_a_signal(option, tmp_path, capsys):
    assert main(["data", "synthesize", str(tmp_path / "x.csv"), "--recording", *option]) == 2
    assert f"but got {option[0]}" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [{"n_units": 5}, {"beta": 1.0}, {"noise": 0.0}, {"n_excitatory": 95}])
def test_units_that_cannot_be_are_refused(arguments):
    with pytest.raises(ConfigError, match="must hold"):
        LeakyUnits(**arguments)

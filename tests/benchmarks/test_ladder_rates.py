"""The rates of the ladder are those of its own search, and the page shows both."""

import pytest

from benchmarks.ladder_rates import chosen_rates, rates_text
from c5snn.errors import ConfigError
from c5snn.sweeps.spec_file import read_spec

TRIALS = """config_id,base,signal,lr,status,val_skill
1,gru,Drift,0.001,finished,0.2
2,gru,Drift,0.003,finished,0.1
3,gru,Parity,0.001,finished,0.4
4,gru,Parity,0.003,finished,0.7
8,gru,Drift,0.01,finished,0.9
5,mlp,Drift,0.001,finished,0.6
7,mlp,Parity,0.001,finished,0.4
6,mlp,Drift,0.003,failed,
"""


def test_the_mean_over_histories_decides(tmp_path):
    (tmp_path / "trials.csv").write_text(TRIALS)
    text = rates_text(tmp_path, {"gru": 0.003, "mlp": 0.001})
    assert "| gru | 0.300 | **0.400** | – |" in text  # 0.01 was trained on one history of two
    assert "| mlp | **0.500** | – | – |" in text
    assert "is taken; gru and mlp take the lowest or the highest, beyond" in text
    assert "The mean over 2 histories" in text


def test_a_rate_that_is_not_the_best_is_refused(tmp_path):
    (tmp_path / "trials.csv").write_text(TRIALS)
    with pytest.raises(ConfigError, match=r"does not for gru\."):
        rates_text(tmp_path, {"gru": 0.001, "mlp": 0.001})


def test_every_network_of_the_ladder_has_a_rate_that_was_tried():
    (_, ladder), (_, rates) = read_spec("ladder.yaml"), read_spec("ladder_rates.yaml")
    assert set(chosen_rates().values()) <= set(rates.space["optimizer.lr"])
    assert chosen_rates().keys() == {start.label for start in rates.starts}
    assert not {rates.options["data.data_seed"]} & set(ladder.space["data.data_seed"])


def test_the_networks_of_both_are_the_same():
    (_, ladder), (_, rates) = read_spec("ladder.yaml"), read_spec("ladder_rates.yaml")
    found = {start.label: {**start.changes, "base": start.base} for start in ladder.starts if start.changes}
    for changes in found.values():
        del changes["optimizer.lr"]
    assert found == {start.label: {**start.changes, "base": start.base} for start in rates.starts}

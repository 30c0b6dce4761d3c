"""Settings of SpikeGRU that compute the same are the same, and no others."""

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from c5snn.models import SpikeGRU

WINDOWS = torch.zeros(4, 9, 39).scatter_(
    -1, torch.rand(4, 9, 39, generator=torch.Generator().manual_seed(0)).topk(5, dim=-1).indices, 1.0
)


def build(**arguments):
    """Return a model whose layers fire."""
    torch.manual_seed(0)
    model = SpikeGRU(**{"hidden_size": 16} | arguments)
    with torch.no_grad():
        model.input.weight *= 5
    return model


SETTINGS = st.fixed_dictionaries(
    {
        "encoding": st.sampled_from(["direct", "rate_coded"]),
        "timesteps": st.sampled_from([1, 2]),
        "num_layers": st.sampled_from([1, 2]),
        "dropout": st.sampled_from([0.0, 0.4]),
        "rate_min": st.sampled_from([0.0, 0.3]),
        "rate_max": st.sampled_from([1.0, 0.6]),
        "norm": st.sampled_from(["none", "batch"]),
        "init": st.sampled_from(["default", "fluctuation"]),
    }
)


@settings(max_examples=40, deadline=None)
@given(SETTINGS)
def test_effective_hyperparameters_build_the_same_computation(arguments):
    model = build(**arguments)
    effective = model.effective_hparams()
    canonical = build(**effective)
    assert canonical.effective_hparams() == effective
    torch.manual_seed(1)
    logits = model(WINDOWS)
    torch.manual_seed(1)
    assert torch.equal(canonical(WINDOWS), logits)


def test_settings_that_compute_the_same_are_the_same():
    same = [
        {},
        {"timesteps": 3},
        {"encoding": "rate_coded"},
        {"rate_min": 0.5},
        {"dropout": 0.5},
        {"dropout": 0.5, "encoding": "rate_coded"},
    ]
    different = [
        {"rate_min": 0.5, "encoding": "rate_coded"},
        {"dropout": 0.5, "num_layers": 2},
        {"dropout": 0.5, "num_layers": 2, "encoding": "rate_coded"},
        {"surrogate": "atan"},
        {"norm": "batch"},
        {"init": "fluctuation"},
    ]
    original = SpikeGRU().effective_hparams()
    assert all(SpikeGRU(**arguments).effective_hparams() == original for arguments in same)
    effective = [SpikeGRU(**arguments).effective_hparams() for arguments in [{}, *different]]
    assert all(effective.count(one) == 1 for one in effective)


def test_one_step_has_the_norms_statistics_of_one_copy():
    one, copies = build(norm="batch", num_layers=2), build(norm="batch", num_layers=2, encoding="rate_coded")
    one(WINDOWS)
    copies(WINDOWS)
    assert one.effective_hparams() == copies.effective_hparams()
    torch.testing.assert_close(copies.state_dict(), one.state_dict(), rtol=0, atol=0)
    assert one.recurrent.norms[0].batch_norm.running_mean.any()

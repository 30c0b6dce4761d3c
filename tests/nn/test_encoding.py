"""Events enter as they are or as spikes drawn at a rate."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from c5snn.errors import ConfigError
from c5snn.nn import Encoder

EVENTS = (torch.arange(2 * 3 * 4).reshape(2, 3, 4) % 3 == 0).float()


def test_direct_is_the_events_once():
    inputs = Encoder("direct", timesteps=10)(EVENTS, merge_copies=False)
    assert torch.equal(inputs, EVENTS[None])


def test_rates_of_zero_and_one_make_equal_copies_and_draw_nothing():
    random_state = torch.get_rng_state()
    inputs = Encoder("rate_coded", timesteps=7)(EVENTS, merge_copies=False)
    assert torch.equal(inputs, EVENTS.expand(7, 2, 3, 4))
    assert torch.equal(torch.get_rng_state(), random_state)


@pytest.mark.parametrize(("rate_min", "rate_max"), [(0.0, 1.0), (1.0, 0.0), (0.0, 0.0), (1.0, 1.0)])
def test_one_input_stands_for_all_its_copies(rate_min, rate_max):
    encoder = Encoder("rate_coded", timesteps=5, rate_min=rate_min, rate_max=rate_max)
    merged = encoder(EVENTS, merge_copies=True)
    assert encoder.is_deterministic
    assert merged.shape == (1, 2, 3, 4)
    assert torch.equal(encoder(EVENTS, merge_copies=False), merged.expand(5, 2, 3, 4))


@pytest.mark.parametrize("merge_copies", [True, False])
def test_spikes_come_at_their_rates_and_differ_from_step_to_step(merge_copies):
    encoder = Encoder("rate_coded", timesteps=20000, rate_min=0.1, rate_max=0.7)
    inputs = encoder(EVENTS, merge_copies=merge_copies)
    assert not encoder.is_deterministic
    assert set(inputs.unique().tolist()) == {0.0, 1.0}
    # five standard deviations of a mean of 20,000 draws
    torch.testing.assert_close(inputs.mean(0), 0.1 + 0.6 * EVENTS, rtol=0, atol=0.0165)


def test_every_forward_draws_afresh():
    encoder = Encoder("rate_coded", rate_min=0.5, rate_max=0.5)
    assert not torch.equal(encoder(EVENTS, merge_copies=True), encoder(EVENTS, merge_copies=True))


settings_of_an_encoder = st.fixed_dictionaries(
    {
        "encoding": st.sampled_from(["direct", "rate_coded"]),
        "timesteps": st.integers(1, 3),
        "rate_min": st.sampled_from([0.0, 0.5, 1.0]),
        "rate_max": st.sampled_from([0.0, 0.5, 1.0]),
    }
)


@given(settings_of_an_encoder, settings_of_an_encoder, st.booleans())
def test_equal_effective_arguments_mean_equal_inputs(one, other, merge_copies):
    first, second = Encoder(**one), Encoder(**other)
    torch.manual_seed(0)
    inputs = first(EVENTS, merge_copies=merge_copies)
    torch.manual_seed(0)
    others = second(EVENTS, merge_copies=merge_copies)
    equal_arguments = first.effective_arguments(merge_copies=merge_copies) == second.effective_arguments(
        merge_copies=merge_copies
    )
    assert equal_arguments <= torch.equal(inputs, others)


@given(settings_of_an_encoder, st.booleans())
def test_effective_arguments_build_the_same_encoder(arguments, merge_copies):
    effective = Encoder(**arguments).effective_arguments(merge_copies=merge_copies)
    assert Encoder(**effective).effective_arguments(merge_copies=merge_copies) == effective


@pytest.mark.parametrize("change", [{"timesteps": 0}, {"rate_min": -0.1}, {"rate_max": 1.1}])
def test_an_argument_out_of_its_range_is_named(change):
    (name,) = change
    with pytest.raises(ConfigError, match=rf"{name}.* must hold, but got {name}="):
        Encoder("rate_coded", **change)

"""What a scan is, whatever computes it: causal, divisible, blind to the order of batch and units."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from c5snn.errors import ConfigError
from c5snn.ops import State, Surrogate, named_surrogate, scan_lif, scan_recurrent_lif, use

T, B, H = 7, 3, 5
FAST_SIGMOID = named_surrogate("fast_sigmoid")
IMPLEMENTATIONS = ["reference", "fused", "compiled"]
few = settings(max_examples=25, deadline=None)
each_implementation = pytest.mark.parametrize("implementation", IMPLEMENTATIONS)


def draw(seed):
    generator = torch.Generator().manual_seed(seed)
    current = torch.randn(T, B, H, generator=generator, dtype=torch.float64)
    weight = torch.randn(H, H, generator=generator, dtype=torch.float64)
    bias = torch.randn(H, generator=generator, dtype=torch.float64)
    beta = torch.rand(H, generator=generator, dtype=torch.float64)
    return current, beta, {"weight": weight, "bias": bias}


@each_implementation
def test_the_worked_example_holds(implementation):
    expected = [0.3, 0.57, 0.813, 1.0317, 0.22853, 0.505677, 0.755109, 0.979598, 1.181638]
    with use(implementation):
        scan = scan_lif(torch.full((9, 1, 1), 0.3), 0.9, surrogate=FAST_SIGMOID)
    torch.testing.assert_close(scan.membranes.flatten(), torch.tensor(expected), rtol=0, atol=1e-6)
    assert scan.spikes.flatten().nonzero().flatten().tolist() == [3, 8]


@each_implementation
def test_a_membrane_exactly_at_the_threshold_does_not_fire(implementation):
    with use(implementation):
        scan = scan_lif(torch.ones(1, 1, 1), 0.5, surrogate=FAST_SIGMOID)
    assert scan.membranes.item() == 1
    assert scan.spikes.item() == 0


@each_implementation
@few
@given(cut=st.integers(1, T - 1), seed=st.integers(0, 50))
def test_two_halves_make_one_scan(implementation, cut, seed):
    current, beta, recurrence = draw(seed)
    with use(implementation):
        whole = scan_recurrent_lif(current, beta, **recurrence, surrogate=FAST_SIGMOID)
        first = scan_recurrent_lif(current[:cut], beta, **recurrence, surrogate=FAST_SIGMOID)
        second = scan_recurrent_lif(current[cut:], beta, **recurrence, surrogate=FAST_SIGMOID, state=first.state)
    assert torch.equal(whole.spikes, torch.cat([first.spikes, second.spikes]))
    torch.testing.assert_close(whole.membranes, torch.cat([first.membranes, second.membranes]))
    torch.testing.assert_close(whole.state, second.state)


@each_implementation
@few
@given(moment=st.integers(1, T - 1), seed=st.integers(0, 50))
def test_the_future_does_not_reach_the_past(implementation, moment, seed):
    current, beta, recurrence = draw(seed)
    changed = current.clone()
    changed[moment:] += 5
    with use(implementation):
        before = scan_recurrent_lif(current, beta, **recurrence, surrogate=FAST_SIGMOID)
        after = scan_recurrent_lif(changed, beta, **recurrence, surrogate=FAST_SIGMOID)
    assert torch.equal(before.membranes[:moment], after.membranes[:moment])
    assert not torch.equal(before.membranes[moment], after.membranes[moment])


@each_implementation
@few
@given(row=st.integers(0, B - 1), seed=st.integers(0, 50))
def test_one_row_of_a_batch_does_not_see_the_others(implementation, row, seed):
    current, beta, recurrence = draw(seed)
    with use(implementation):
        together = scan_recurrent_lif(current, beta, **recurrence, surrogate=FAST_SIGMOID)
        alone = scan_recurrent_lif(current[:, row : row + 1], beta, **recurrence, surrogate=FAST_SIGMOID)
    assert torch.equal(together.spikes[:, row : row + 1], alone.spikes)
    torch.testing.assert_close(together.membranes[:, row : row + 1], alone.membranes)


@each_implementation
@few
@given(order=st.permutations(range(H)), seed=st.integers(0, 50))
def test_permuting_the_units_permutes_the_results(implementation, order, seed):
    current, beta, recurrence = draw(seed)
    permuted = {"weight": recurrence["weight"][order][:, order], "bias": recurrence["bias"][order]}
    with use(implementation):
        scan = scan_recurrent_lif(current, beta, **recurrence, surrogate=FAST_SIGMOID)
        other = scan_recurrent_lif(current[:, :, order], beta[order], **permuted, surrogate=FAST_SIGMOID)
    assert torch.equal(scan.spikes[:, :, order], other.spikes)
    torch.testing.assert_close(scan.membranes[:, :, order], other.membranes)


@each_implementation
def test_without_recurrent_weights_both_scans_are_the_same(implementation):
    current, beta, _ = draw(0)
    nothing = {"weight": torch.zeros(H, H, dtype=torch.float64), "bias": torch.zeros(H, dtype=torch.float64)}
    with use(implementation):
        torch.testing.assert_close(
            scan_lif(current, beta, surrogate=FAST_SIGMOID),
            scan_recurrent_lif(current, beta, **nothing, surrogate=FAST_SIGMOID),
        )


def test_a_block_selects_the_implementation_and_gives_it_back():
    def implementation():
        current = torch.ones(2, 1, 1, requires_grad=True)
        node = scan_lif(current, 0.5, surrogate=FAST_SIGMOID).spikes.grad_fn
        return getattr(node, "loops", None)

    usual = implementation()
    with use("fused"):
        fused = implementation()
        with use("compiled"):
            assert implementation() == usual
        assert implementation() == fused
    assert None is not fused != usual
    assert implementation() == usual


def test_another_thread_runs_what_is_usual():
    def implementation():
        return scan_lif(torch.ones(2, 1, 1, requires_grad=True), 0.5, surrogate=FAST_SIGMOID).spikes.grad_fn.loops

    with use("fused"), ThreadPoolExecutor(1) as pool:
        assert pool.submit(implementation).result() != implementation()


def test_a_block_that_fails_gives_the_implementation_back():
    def run(implementation):
        with use(implementation):
            scan_lif(torch.ones(0, 1, 1), 0.5, surrogate=FAST_SIGMOID)

    usual = torch.ones(2, 1, 1, requires_grad=True)
    before = scan_lif(usual, 0.5, surrogate=FAST_SIGMOID).spikes.grad_fn.loops
    with pytest.raises(ConfigError):
        run("fused")
    assert scan_lif(usual, 0.5, surrogate=FAST_SIGMOID).spikes.grad_fn.loops == before


@pytest.mark.parametrize(
    ("dtype", "surrogate", "is_compiled"),
    [
        (torch.float32, FAST_SIGMOID, True),
        (torch.float64, FAST_SIGMOID, False),
        (torch.float32, Surrogate(torch.zeros_like), False),
    ],
)
def test_float32_with_a_named_surrogate_is_compiled(dtype, surrogate, is_compiled):
    current = torch.ones(2, 1, 1, requires_grad=True, dtype=dtype)
    with use("compiled"):
        compiled = scan_lif(torch.ones(2, 1, 1, requires_grad=True), 0.5, surrogate=FAST_SIGMOID).spikes.grad_fn.loops
    loops = scan_lif(current, 0.5, surrogate=surrogate).spikes.grad_fn.loops
    assert (loops == compiled) == is_compiled


@pytest.mark.parametrize(
    ("dtype", "surrogate", "rule"),
    [(torch.float16, FAST_SIGMOID, "current.dtype"), (torch.float32, Surrogate(torch.zeros_like), "surrogate.curve")],
)
def test_what_cannot_be_compiled_is_refused(dtype, surrogate, rule):
    with use("compiled"), pytest.raises(ConfigError, match=rule):
        scan_lif(torch.ones(2, 1, 1, dtype=dtype), 0.5, surrogate=surrogate)


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"weight": torch.zeros(4, 4)}, r"`weight.shape == \(5, 5\)`"),
        ({"bias": torch.zeros(4)}, r"`bias.shape == \(5,\)`"),
        ({"beta": torch.zeros(3)}, r"`beta.shape == \(\) or \(5,\)`"),
        ({"bias": torch.zeros(5, dtype=torch.float64)}, "`bias.dtype == current.dtype`"),
        ({"state": State(torch.zeros(3, 4), torch.zeros(3, 5))}, r"`state.membrane.shape == \(3, 5\)`"),
        ({"current": torch.zeros(0, 3, 5)}, "`time >= 1`"),
    ],
)
def test_what_does_not_fit_is_named(change, rule):
    arguments = {"current": torch.zeros(T, B, H), "beta": 0.9, "weight": torch.zeros(H, H), "bias": torch.zeros(H)}
    with pytest.raises(ConfigError, match=rule):
        scan_recurrent_lif(**(arguments | change), surrogate=FAST_SIGMOID)

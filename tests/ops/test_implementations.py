"""All implementations side by side: the same spikes and membranes bit for bit, the same gradients."""

import math
from itertools import product

import pytest
import torch

from c5snn.ops import State, named_surrogate, scan_lif, scan_recurrent_lif, use

SURROGATES = {
    "fast_sigmoid": named_surrogate("fast_sigmoid"),
    "flat fast_sigmoid": named_surrogate("fast_sigmoid", 3.7),
    "atan": named_surrogate("atan"),
    "flat atan": named_surrogate("atan", 0.3),
}
# (time, batch, units): one of each, rows that fill no vector, a row that is longer than a block
SHAPES = [(1, 1, 1), (5, 3, 7), (21, 64, 64), (9, 2, 129), (4, 3, 5000)]
READERS = {
    "last spikes": lambda scan: scan.state.spikes,
    "last membrane": lambda scan: scan.state.membrane,
    "mean spikes": lambda scan: scan.spikes.mean(0),
    "membranes": lambda scan: scan.membranes,
    "all": lambda scan: scan.spikes + 0.3 * scan.membranes + scan.state.spikes - scan.state.membrane,
}


def draw(shape, *, beta, recurrent, starts_at_rest, dtype):
    """Return the arguments of a scan, all leaves of the graph."""
    generator = torch.Generator().manual_seed(len(SHAPES) * shape[2] + shape[1])

    def normal(*sizes, scale=1.0):
        return torch.randn(*sizes, generator=generator, dtype=dtype).mul_(scale).requires_grad_()

    units = shape[2]
    arguments = {"current": normal(*shape), "beta": torch.rand(() if beta == "one" else units, generator=generator)}
    arguments["beta"] = arguments["beta"].to(dtype).requires_grad_()
    if not starts_at_rest:
        arguments["membrane"] = normal(*shape[1:])
        arguments["spikes"] = (arguments["membrane"].detach() > 1).to(dtype).requires_grad_()
    if recurrent:
        arguments |= {"weight": normal(units, units, scale=units**-0.5), "bias": normal(units)}
    return arguments


def scan(arguments, *, surrogate, threshold):
    state = State(arguments["membrane"], arguments["spikes"]) if "membrane" in arguments else None
    given = {name: arguments[name] for name in ("current", "beta", "weight", "bias") if name in arguments}
    run = scan_recurrent_lif if "weight" in given else scan_lif
    return run(**given, surrogate=surrogate, state=state, threshold=threshold)


def gradients(value, leaves):
    weights = torch.randn(value.shape, generator=torch.Generator().manual_seed(1), dtype=value.dtype)
    return torch.autograd.grad((value * weights).sum(), leaves, retain_graph=True, materialize_grads=True)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("recurrent", [True, False], ids=["recurrent", "feed-forward"])
@pytest.mark.parametrize("surrogate", list(SURROGATES))
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=["f32", "f64"])
def test_all_implementations_compute_the_same(shape, recurrent, surrogate, dtype):
    if recurrent and shape[2] > 129:
        shape = (*shape[:2], 257)
    for beta, (starts_at_rest, threshold) in product(["one", "each"], [(True, 1.0), (False, 0.7)]):
        arguments = draw(shape, beta=beta, recurrent=recurrent, starts_at_rest=starts_at_rest, dtype=dtype)
        leaves = list(arguments.values())
        scans = {}
        for implementation in ("reference", "fused", "compiled"):
            with use(implementation):
                scans[implementation] = scan(arguments, surrogate=SURROGATES[surrogate], threshold=threshold)
        for other in ("fused", "compiled"):
            assert torch.equal(scans[other].spikes, scans["reference"].spikes)
            assert torch.equal(scans[other].membranes, scans["reference"].membranes)
            assert all(map(torch.equal, scans[other].state, scans["reference"].state))
        for read in READERS.values():
            expected, fused, compiled = (gradients(read(one), leaves) for one in scans.values())
            assert all(map(torch.equal, fused, compiled))
            for one, other in zip(compiled, expected, strict=True):
                tolerance = torch.finfo(dtype).eps * 16 * math.sqrt(leaves[0].numel())
                assert (one - other).norm() <= tolerance * (1 + other.norm())


@pytest.mark.parametrize("copies", [1, 6])
def test_copies_of_one_current_are_read_as_such(copies):
    one = torch.randn(1, 3, 40, requires_grad=True)
    results = {}
    for implementation in ("reference", "fused", "compiled"):
        with use(implementation):
            result = scan_lif(one.expand(copies, 3, 40), 0.9, surrogate=SURROGATES["atan"])
        results[implementation] = result.spikes, result.membranes, *gradients(result.spikes.sum(0), [one])
    assert all(map(torch.equal, results["fused"], results["compiled"]))
    assert all(map(torch.equal, results["reference"][:2], results["compiled"][:2]))


def test_a_current_in_any_layout_gives_the_same_scan():
    stored = torch.randn(3, 40, 6)
    results = []
    for current in (stored.permute(2, 0, 1), stored.permute(2, 0, 1).contiguous()):
        with use("compiled"):
            results.append(scan_lif(current, 0.9, surrogate=SURROGATES["atan"]))
    assert torch.equal(results[0].membranes, results[1].membranes)
    assert torch.equal(results[0].spikes, results[1].spikes)


def test_a_batch_of_nothing_is_scanned():
    with use("compiled"):
        scan_of_nothing = scan_lif(torch.ones(4, 0, 3), 0.9, surrogate=SURROGATES["atan"])
    assert scan_of_nothing.spikes.shape == (4, 0, 3)

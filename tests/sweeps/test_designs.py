"""Designs under a parameter budget, counted as the models that they are."""

import itertools

import pytest
import torch

from c5snn.errors import ConfigError
from c5snn.models import PatchTST, SpikeGRU
from c5snn.sweeps.architectures import read_architecture, read_budget
from c5snn.sweeps.designs import Size, extremes, feasible, shallow
from c5snn.sweeps.exclusions import parse_exclusion

MIXING = {"n_channels": 25, "context": 60, "patch": 10, "stride": 5, "variant": "mixing", "targets": "direction"}


def n_parameters(model):
    return sum(weight.numel() for weight in model.parameters() if weight.requires_grad)


def patchtst(shape, **more):
    with torch.device("meta"):
        return n_parameters(PatchTST(**MIXING, **{name.removeprefix("model."): v for name, v in shape.items()}, **more))


def size_of(shape):
    try:
        first, second = (patchtst(shape, num_layers=n_layers) for n_layers in (1, 2))
    except ConfigError:
        return None
    return Size(first, second - first)


def designs_of(**entry):
    space = read_architecture(entry, "space.architecture")
    built = []

    def count(shape):
        built.append(shape)
        return patchtst(shape)

    return space, feasible(space, size_of, count), built


@pytest.fixture(scope="module")
def two_million():
    return designs_of(budget="2M")


@pytest.mark.slow
def test_the_first_design_of_two_million_is_the_known_one(two_million):
    _, designs, _ = two_million
    assert len(designs) == 80
    assert (designs[0].name, designs[0].n_parameters) == ("d64-L32-h2-f256", 1_617_729 + 50)
    assert all(1_500_000 <= design.n_parameters <= 2_500_000 for design in designs)
    assert [design.n_parameters for design in designs] == sorted(design.n_parameters for design in designs)


def test_shapes_of_one_count_are_built_once(two_million):
    _, designs, built = two_million
    assert len(built) == len({design.n_parameters for design in designs}) < len(designs)


def test_extremes_are_designs_that_fit_and_hold_the_ends(two_million):
    space, designs, _ = two_million
    found = extremes(space, designs)
    assert list(found) == [f"{end}_{axis}" for axis in ("d_model", "num_layers", "num_heads") for end in ("min", "max")]
    assert len({design.name for design in found.values()}) == 5
    assert found["max_d_model"].values["model.d_model"] == max(d.values["model.d_model"] for d in designs)
    assert found["min_num_layers"].values["model.num_layers"] == 2


def test_what_is_checked_beside_the_architecture_is_checked_on_two_layers_whatever_the_budget():
    found = [shallow(read_architecture({"budget": budget}, "here"), size_of) for budget in ("2M", "2B")]
    assert {design.name for design in found} == {"d64-L2-h2-f128"}
    assert found[0].n_parameters == patchtst(found[0].shape)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("budget", "n_designs", "n_extremes", "index", "named"),
    [
        ("20M", 75, 5, 73, ("d128-L180-h16-f256", 23_882_881 + 50)),
        ("200M", 125, 6, None, None),
        ("2B", 75, 5, 52, ("d1024-L256-h8-f2048", 2_150_659_073 + 50)),
    ],
)
def test_larger_budgets_have_their_known_designs(budget, n_designs, n_extremes, index, named):
    space, designs, _ = designs_of(budget=budget)
    assert len(designs) == n_designs
    assert len({design.name for design in extremes(space, designs).values()}) == n_extremes
    if index is not None:
        assert (designs[index].name, designs[index].n_parameters) == named


def test_an_often_printed_formula_is_far_too_large(two_million):
    _, designs, _ = two_million
    ratios = []
    for design in designs:
        d, n_layers = design.shape["model.d_model"], design.shape["model.num_layers"]
        printed = 25 * d * 60 + n_layers * (4 * d**2 + 8 * d * design.shape["model.ffn_size"]) + d
        ratios.append(printed / design.n_parameters)
    assert (round(min(ratios), 2), round(max(ratios), 2)) == (2.47, 3.09)


def test_a_rule_leaves_its_designs_out():
    _, designs, _ = designs_of(budget="2M", exclude=["d_model == 64 and num_layers > 40", "n_parameters > 2_400_000"])
    assert designs
    assert not any(design.name.startswith("d64-L48") or design.n_parameters > 2_400_000 for design in designs)


@pytest.mark.slow
def test_depth_follows_from_the_rest():
    space, designs, _ = designs_of(budget="2M", solve="depth")
    assert space.tolerance == 0.05
    assert all(abs(design.n_parameters - 2_000_000) <= 100_000 for design in designs)
    assert {design.values["model.num_layers"] for design in designs} - {2, 3, 4, 6, 8, 12, 16, 24, 32, 48}


def test_axes_of_a_spiking_network_make_designs_too():
    axes = {"model.hidden_size": [32, 64, 128, 256], "model.num_layers": [1, 2], "model.delay_lines": [0, 3]}
    space = read_architecture({"budget": "50k", "axes": axes}, "space.architecture")

    def built(shape, **more):
        return n_parameters(SpikeGRU(**{name.removeprefix("model."): v for name, v in shape.items()}, **more))

    designs = feasible(
        space,
        lambda shape: Size(built(shape, num_layers=1), built(shape, num_layers=2) - built(shape, num_layers=1)),
        built,
    )
    every = [dict(zip(axes, values, strict=True)) for values in itertools.product(*axes.values())]
    assert {tuple(design.shape.items()) for design in designs} == {
        tuple(shape.items()) for shape in every if 37_500 <= built(shape) <= 62_500
    }
    assert all(built(design.shape) == design.n_parameters for design in designs)
    assert [design.name for design in designs] == ["H128-L2-delay_lines0", "H128-L2-delay_lines3"]


def test_a_budget_that_nothing_meets_names_the_nearest():
    with pytest.raises(ConfigError, match=r"No architecture has 1,000 parameters ± 25%: the nearest has"):
        designs_of(budget=1000)


@pytest.mark.parametrize(("written", "number"), [("50k", 50_000), ("1.5B", 1_500_000_000), (7, 7), ("2 M", 2_000_000)])
def test_a_budget_is_read_as_written(written, number):
    assert read_budget(written, "space.architecture") == number


@pytest.mark.parametrize(
    ("entry", "named"),
    [
        ({}, "budget"),
        ({"budget": "many"}, "budget"),
        ({"budget": True}, "budget"),
        ({"budget": -1}, "budget"),
        ({"budget": "2M", "tolerance": 0}, "tolerance"),
        ({"budget": "2M", "tolerance": float("nan")}, "tolerance"),
        ({"budget": "2M", "axes": {}} | {"axes": {"model.d_model": []}}, "model.d_model"),
        ({"budget": "2M", "axes": {"model.d_model": [64, 64]}}, "model.d_model"),
        ({"budget": "2M", "axes": {"model.d_model": ["wide", "small"]}}, "model.d_model"),
        ({"budget": "2M", "axes": {"d_model": [64, 128]}}, "axes"),
        ({"budget": "2M", "axes": {"ff_ratio": [2, 4]}}, "ff_ratio"),
        ({"budget": "2M", "exclude": ["__import__('os')"]}, "rule"),
        ({"budget": "2M", "exclude": ["depth == 3"]}, "depth"),
        ({"budget": "2M", "exclude": "d_model == 3"}, "exclude"),
        ({"budget": "2M", "extremes": "yes"}, "extremes"),
        ({"budget": "2M", "solve": "width"}, "solve"),
        ({"budget": "2M", "solve": "depth", "axes": {"model.d_model": [64, 128]}}, "solve"),
        ({"budget": "2M", "diversity": {"model.dropout": 0}}, "diversity"),
        ({"budget": "2M", "seed": 1}, "seed"),
        (["2M"], "space.architecture"),
    ],
)
def test_what_is_wrong_with_a_space_is_named(entry, named):
    with pytest.raises(ConfigError, match=named):
        read_architecture(entry, "space.architecture")


@pytest.mark.parametrize(
    "text",
    [
        *["1", "d_model", "d_model.real > 1", "(lambda: 1)() == 1", "d_model ** 9 > 1", "[d_model] == 1"],
        *["'a' == 'b'", "d_model in (1, 2)", "not " * 200 + "d_model == 1", "", "a == 1; b", "9" * 300 + " > 1e999"],
    ],
)
def test_a_rule_is_a_comparison_and_nothing_else(text):
    with pytest.raises(ConfigError, match="must compare"):
        parse_exclusion(text)

"""The shipped studies of ARC tasks: every option that they search is real, and the smallest runs to its end."""

import csv
import inspect
import json
import re
from pathlib import Path

import pytest
import torch

from c5snn.cli import main
from c5snn.data import GridPairs
from c5snn.data.arc.grids import PADDING
from c5snn.models import ArcCNN, ArcContext
from c5snn.sweeps.faults import Faults
from c5snn.sweeps.option_paths import option_text
from c5snn.sweeps.space_file import read_space
from c5snn.sweeps.spec_file import read_spec
from c5snn.training.lightning_cli import C5CLI

STUDIES = ["arc_smoke", "arc_v2", "arc_v3", "arc_confirm"]
ENCODERS = {"arc_cnn.yaml": ArcCNN, "arc_context.yaml": ArcContext}
SMALL = {"embed_dim": 8, "width_mult": 0.1, "mlp_hidden": 12, "d_model": 32, "pixel_layers": 1, "grid_layers": 1}
N_SEARCHED = {"arc_smoke": 14, "arc_v2": 19, "arc_v3": 17, "arc_confirm": 19}


def searched(study, profile=None):
    """Return the ends of each searched option and what it needs, by name; without the encoder itself."""
    faults = Faults(study)
    parts = read_space(read_spec(f"{study}.yaml", profile)[1].space, list(ENCODERS), faults)
    faults.raise_any()
    return {option.name: (option.domain.ends, option.when) for option in parts.options}


def each_searched(prefix, studies):
    """Run a test for each option that a study or one of its profiles searches, at each encoder that has it."""
    cases = {}
    for study in studies:
        for profile in [None, *read_spec(f"{study}.yaml")[1].profiles]:
            for name, (ends, when) in searched(study, profile).items():
                for base in when.get("base", tuple(ENCODERS)):
                    label = "-".join(filter(None, [study, profile, name, base.removesuffix(".yaml")]))
                    given = {parent: values[0] for parent, values in when.items() if parent != "base"}
                    cases.setdefault(f"{name} {base} {ends}", pytest.param(base, name, ends, given, id=label))
    kept = [case for key, case in cases.items() if key.startswith(prefix)]
    return pytest.mark.parametrize(("base", "option", "ends", "given"), kept)


@pytest.mark.parametrize("study", STUDIES)
def test_a_study_searches_as_many_options_as_its_table_has(study):
    assert len(searched(study)) + 1 == N_SEARCHED[study]  # and the encoder


@pytest.mark.parametrize("study", STUDIES)
def test_the_choices_of_sizes_fit_one_another(study):
    options = searched(study)
    for d_model in options["model.d_model"][0]:
        for num_heads in options["model.num_heads"][0]:
            assert d_model % 4 == d_model % num_heads == 0


def shapes(model_class, arguments):
    """Return the shapes of all weights without making any."""
    with torch.device("meta"):
        return [tuple(weight.shape) for weight in model_class(**arguments).parameters()]


def behaviour(model_class, arguments):
    """Return what a training step computes."""
    torch.manual_seed(0)
    accepted = inspect.signature(model_class).parameters
    model = model_class(**{**{name: value for name, value in SMALL.items() if name in accepted}, **arguments})
    generator = torch.Generator().manual_seed(1)
    pairs = GridPairs(*torch.randint(0, PADDING, (2, 4, 3, 5, 6), generator=generator))
    loss = model.loss(model(pairs), torch.arange(4))
    loss.backward()
    return loss.item(), [weight.grad.abs().sum().item() for weight in model.parameters()]


@each_searched("model.", STUDIES)
def test_a_searched_argument_of_an_encoder_changes_its_weights_or_its_outputs(base, option, ends, given):
    given = {parent.removeprefix("model."): value for parent, value in given.items()}
    name = option.removeprefix("model.")
    all_shapes = [str(shapes(ENCODERS[base], {**given, name: end})) for end in ends]
    if len(set(all_shapes)) < len(ends):
        found = [str(behaviour(ENCODERS[base], {**given, name: end})) for end in ends]
        assert len(set(found)) == len(ends)


def trained_with(cli):
    """Return what decides a step: the optimizer, its schedule and the batches."""
    configured = cli.model.configure_optimizers()
    optimizer = configured["optimizer"] if isinstance(configured, dict) else configured
    scheduler = configured["lr_scheduler"]["scheduler"] if isinstance(configured, dict) else None
    group = optimizer.param_groups[0]
    cli.datamodule.setup("fit")
    names = ("factor", "patience", "min_lrs", "total_steps")
    schedule = scheduler and [type(scheduler).__name__, *(getattr(scheduler, name, None) for name in names)]
    return (
        type(optimizer).__name__,
        group["lr"],
        group["weight_decay"],
        len(cli.datamodule.train_dataloader()),
        schedule,
    )


@pytest.mark.slow
@each_searched(("optimizer.", "data.", "lr_scheduler"), ["arc_v2"])
def test_a_searched_option_of_training_changes_optimizer_schedule_or_batches(base, option, ends, given):
    options = [{**given, option: end} for end in ends]
    words = [[f"--{name}={option_text(value)}" for name, value in values.items()] for values in options]
    found = [trained_with(C5CLI(["--config", base, "--data.n_per_category=10", *each])) for each in words]
    assert len({str(each) for each in found}) == len(ends)
    assert all(optimizer == "AdamW" for optimizer, *_ in found)


@pytest.mark.long
@pytest.mark.parametrize("study", STUDIES)
def test_every_study_and_profile_passes_its_checks(workdir, study):  # noqa: ARG001  # it writes there
    for profile in [None, *read_spec(f"{study}.yaml")[1].profiles]:
        words = ["sweep", f"{study}.yaml", "--dry-run", *(["--profile", profile] if profile else [])]
        assert main(words) == 0


@pytest.mark.slow
@pytest.mark.long
@pytest.mark.parametrize("profile", [None, "folds"])
def test_the_smallest_study_runs_with_its_confirmation_and_is_reported(workdir, capsys, profile):
    flags = ["--profile", profile] if profile else []
    assert main(["sweep", "arc_smoke.yaml", "--output", "smoke", *flags]) == 0
    rows = list(csv.DictReader(Path("smoke/trials.csv").read_text().splitlines()))
    assert [row["state"] for row in rows if row["state"] != "confirmed"] == ["complete"] * 5
    confirmed = [row["base"] for row in rows if row["state"] == "confirmed"]
    assert set(confirmed) == {"arc_cnn", "arc_context"}
    assert len(confirmed) == (4 if profile else 2)
    (top,) = Path("smoke").glob("top*.json")
    models = json.loads(top.read_text())["models"]
    assert [model["n_seeds"] for model in models] == [1, 1], "two folds make one test"
    assert re.search(r"place.*trial.*base.*lr", capsys.readouterr().out)
    assert main(["report", "smoke", "--output", str(workdir / "report.html")]) == 0
    assert "majority class" in Path("report.html").read_text()

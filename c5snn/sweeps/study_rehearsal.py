"""What is tried of a study before it spends an hour: its sampler and pruner on made-up results, its options on a batch.

Neither teaches the study anything: both begin afresh with its first trial.
"""

import hashlib
from collections.abc import Mapping, Sequence
from itertools import pairwise
from random import Random
from typing import Any

import torch

from c5snn.data import TaskData
from c5snn.sweeps.architectures import ARCHITECTURE
from c5snn.sweeps.faults import Faults
from c5snn.sweeps.point_builder import PointBuilder
from c5snn.sweeps.points import Config, Point
from c5snn.sweeps.pruning import StopWhenPruned
from c5snn.sweeps.sampling import Known, distributions_of, sample
from c5snn.sweeps.search_settings import SearchSettings
from c5snn.sweeps.space import BASE, Option, Space
from c5snn.sweeps.study_checks import build_point, random_params, random_probes
from c5snn.sweeps.study_job import Pruning, Snapshot
from c5snn.sweeps.study_values import StudyBase
from c5snn.sweeps.trial_result import TrialResult
from c5snn.training.configuration import build_model

__all__ = ["check_inert", "check_search"]

N_KNOWN = 24
N_EPOCHS = 4
N_CONTEXTS = 8
N_ITEMS = 2
MAX_PARAMETERS = 20_000_000  # of a model that is run once


def check_search(settings: SearchSettings, space: Space, base: str, faults: Faults) -> None:
    """Ask the sampler once and the pruner for some epochs, after random trials with random values.

    Optuna looks at many arguments of a class only when it uses them.

    Args:
        settings: How the study searches.
        space: What it searches.
        base: The first base.
        faults: Takes what goes wrong.
    """
    random, known = Random(0), list[Known]()  # noqa: S311  # not for secrets
    branch = space.branches[0]
    for _ in range(N_KNOWN):
        params, curve = random_params(space, base, branch, random), tuple(random.random() for _ in range(N_EPOCHS))
        known.append(Known(params, distributions_of(space, params), {}, TrialResult("complete", max(curve), curve)))
    try:
        sample(
            space, known, sampler=settings.sampler, pruner=settings.pruner, seed=0, direction="maximize",
            given=branch, base=base,
        )  # fmt: skip
    except Exception as error:  # noqa: BLE001  # whatever Optuna says of the arguments that it was given
        faults.add("search.sampler", f"{settings.sampler.name} cannot propose: {_reason(error)}")
    results = [trial.result for trial in known if trial.result is not None]
    try:
        stopper = StopWhenPruned(Pruning(settings.pruner, "maximize", "", Snapshot(results, len(results), 0)))
        for epoch in range(N_EPOCHS):
            stopper.decide(-float(epoch))  # ever worse
    except Exception as error:  # noqa: BLE001  # likewise
        faults.add("search.pruner", f"{settings.pruner.name} cannot decide: {_reason(error)}")


def check_inert(space: Space, bases: Sequence[StudyBase], builder: PointBuilder, faults: Faults) -> None:
    """Note options that change nothing, whatever the others are.

    An option has to change an argument of something. One of the model has to change its size or one step of training,
    too: the loss of a few items, the gradients, what it keeps. Models of 20 million parameters or more are not run.

    Args:
        space: The space.
        bases: The bases.
        builder: Builds.
        faults: Takes what is wrong.
    """
    by_name, random = {base.name: base for base in bases}, Random(0)  # noqa: S311  # not for secrets
    for option in space.options:
        if option.name in {BASE, ARCHITECTURE} or option.domain.n_values == 1:  # designs differ in their sizes
            continue
        drawn = random_probes(space, list(by_name), random, 10 * N_CONTEXTS)
        contexts = [params for params in drawn if option.name in params][:N_CONTEXTS]
        starts = [(by_name[params.get(BASE, bases[0].name)], params) for params in contexts]
        if contexts and not any(_has_effect(option, base, params, builder) for base, params in starts):
            faults.check(
                f"space.{option.name}",
                "a searched option changes what is computed",
                holds=False,
                fix="Or write `allow_inert: true`.",
                values=option.domain.ends,
            )


def _has_effect(option: Option, base: StudyBase, params: Mapping[str, Any], builder: PointBuilder) -> bool:
    """Say whether two values differ in what they compute, or none can be built to know."""
    built = [build_point(builder, base, {**params, option.name: value}) for value in option.domain.ends]
    points = [point for point in built if isinstance(point, Point)]
    return not points or any(_differ(first, second, builder) for first, second in pairwise(points))


def _differ(first: Point, second: Point, builder: PointBuilder) -> bool:
    if first.arguments == second.arguments:
        return False
    others = [{**point.config, "model": None} for point in (first, second)]
    is_small = 0 < first.n_parameters < MAX_PARAMETERS
    if others[0] != others[1] or first.n_parameters != second.n_parameters or not is_small:
        return True
    data = builder.data_of(_with_few_items(first.config["data"])).built
    try:
        return _one_step(first.config, data) != _one_step(second.config, data)
    except Exception:  # noqa: BLE001  # a model that does not run outside of a trainer may have any effect
        return True


def _one_step(config: Config, data: TaskData) -> str:
    """Return a hash of what a model computes of its first items: the loss, gradients, buffers and what is to decay."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = build_model(config["model"], data).train()
        inputs, targets = next(iter(data.train_dataloader()))
        loss = model.loss(model(inputs), targets)
        if loss.requires_grad:
            loss.backward()
    groups = [{**group, "params": len(group["params"])} for group in model.parameter_groups()]
    seen = hashlib.sha256(str(groups).encode())
    grads = [weight.grad for weight in model.parameters() if weight.grad is not None]
    for tensor in [loss.detach(), *grads, *model.parameters(), *model.buffers()]:
        seen.update(tensor.detach().cpu().double().numpy().tobytes())
    return seen.hexdigest()


def _with_few_items(data: Config) -> Config:
    """Return the data in small batches: what a model makes of two items tells as much as of a batch, in less time."""
    small = {"batch_size": N_ITEMS, "micro_batch": None}
    arguments = data.get("init_args", {})
    return {**data, "init_args": {**arguments, **{name: small[name] for name in small.keys() & arguments.keys()}}}


def _reason(error: Exception) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())}"

"""What a study is, in a file beside its trials: status and reports read it and need no model for it."""

import math
from pathlib import Path

from c5snn.files import write_json
from c5snn.sweeps.names import counted
from c5snn.sweeps.study_plan import StudyPlan
from c5snn.sweeps.study_reading import SUMMARY
from c5snn.sweeps.study_results import branch_name

__all__ = ["described", "write_summary"]


def described(plan: StudyPlan) -> list[str]:
    """Return what there is to search, in lines.

    Args:
        plan: The study.
    """
    settings, space = plan.settings, plan.space
    names = ", ".join(option.name for option in space.options)
    classes = f"{settings.sampler.name} with {settings.pruner.name}"
    lines = [
        f"{counted(settings.n_trials, 'trial')} of {classes}, lag {settings.lag}",
        f"{counted(len(space.options), 'option')}: {names}",
    ]
    if plan.architectures is not None:
        lines += plan.architectures.described()
    if space.quota is not None:
        shares = [f"{branch_name(plan, index)} ({share:.0%})" for index, share in enumerate(space.quota.shares)]
        lines.append(f"branches by {space.quota.option}: {', '.join(shares)}")
    size = space.n_configurations(plan.first_base)
    if math.isfinite(size):
        share = min(settings.n_trials / size, 1)
        lines.append(f"{counted(round(size), 'configuration')}, of which at most {share:.0%} are tried")
    return lines


def write_summary(plan: StudyPlan, output: Path, *, n_workers: int) -> None:
    """Write the summary.

    Args:
        plan: The study.
        output: The study's folder.
        n_workers: Most trials at once.
    """
    shares = plan.space.quota.shares if plan.space.quota else (1.0,)
    write_json(
        output / SUMMARY,
        {
            "definition": plan.definition,
            "n_trials": plan.settings.n_trials,
            "lag": plan.settings.lag,
            "n_workers": n_workers,
            "monitor": plan.monitor,
            "mode": plan.mode,
            "max_epochs": plan.start.config["trainer"]["max_epochs"],
            "branches": [{"name": branch_name(plan, index), "share": share} for index, share in enumerate(shares)],
            "options": [option.name for option in plan.space.options],
            "targets": dict(plan.spec.targets),
        },
    )

"""The files that a run reads, as its configuration names them: what a machine must have before the run starts there."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from c5snn.records.run_folder import CONFIG
from c5snn.training.configuration import build_data
from c5snn.training.data_classes import data_class_path
from c5snn.training.places import READ
from c5snn.training.resume import weights_file

__all__ = ["input_files"]


def input_files(config: Mapping[str, Any]) -> list[Path]:
    """Return the files that a run reads: those of its data and of its model, and the weights that it starts from.

    Args:
        config: The whole configuration, as ``train`` takes it.
    """
    data = config.get("data") or {}
    if "class_path" not in data:
        data = {"class_path": data_class_path(None), "init_args": data}
    model = config["model"].get("init_args") or {}
    of_model = [Path(model[name]) for name in READ["model"] if model.get(name)]
    return [*build_data(data).files(), *of_model, *_of_weights(config.get("init_from"))]


def _of_weights(init_from: str | None) -> list[Path]:
    """Return a checkpoint with what lies beside it and says that it is whole, and whose it is."""
    if not init_from:
        return []
    weights = weights_file(init_from)
    beside = (weights, weights.with_name(f"{weights.name}.sha256"), weights.with_name(CONFIG))
    return [file for file in beside if file.is_file()]

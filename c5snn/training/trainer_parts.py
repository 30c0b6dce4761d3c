"""What a trainer is given beside the options of its configuration: callbacks, a bar, plugins; and its refusals."""

import re
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from jsonargparse import Namespace
from lightning.pytorch import Callback
from lightning.pytorch.accelerators import AcceleratorRegistry
from lightning.pytorch.callbacks import ModelSummary, ProgressBar
from lightning.pytorch.strategies import Strategy

from c5snn.errors import ConfigError
from c5snn.training.callbacks.epoch_bar import EpochBar
from c5snn.training.checkpoints import SafeCheckpointIO
from c5snn.training.launched import one_machine
from c5snn.training.switched_off import enabled_callbacks

__all__ = ["choose_callbacks", "choose_plugins", "refusal"]


def choose_callbacks(
    chosen: Namespace, ours: Sequence[Callback], options: Mapping[str, object]
) -> tuple[list[Callback], dict[str, object]]:
    """Return all callbacks, and the options with whether there are a bar and a summary.

    Args:
        chosen: The trainer's options as configured.
        ours: Our own callbacks, added to those of the configuration.
        options: The trainer's options that the command decides.
    """
    is_watched = sys.stderr.isatty()  # a bar that nobody watches only fills a log
    shows_bar = is_watched if chosen["enable_progress_bar"] is None else chosen["enable_progress_bar"]
    options = {"enable_progress_bar": shows_bar, **options}
    own = enabled_callbacks(chosen["callbacks"], {**chosen, **options})
    if chosen["enable_model_summary"] is None and not any(isinstance(callback, ModelSummary) for callback in own):
        options = {"enable_model_summary": False, **options}  # a line of the log says how many weights there are
    has_own_bar = any(isinstance(callback, ProgressBar) for callback in own)
    if has_own_bar or not options["enable_progress_bar"] or not is_watched:
        ours = [callback for callback in ours if not isinstance(callback, EpochBar)]
    callbacks = [*own, *ours]
    return callbacks, {**options, "enable_progress_bar": any(isinstance(entry, ProgressBar) for entry in callbacks)}


def choose_plugins(chosen: Namespace) -> list[Any]:
    """Return the plugins, which write checkpoints whole; a strategy that is built already gets that by itself."""
    plugins = one_machine(chosen["plugins"])
    if isinstance(chosen["strategy"], Strategy):  # it takes no plugin
        chosen["strategy"].checkpoint_io = SafeCheckpointIO()
        return plugins
    return [*plugins, SafeCheckpointIO()]


def refusal(error: Exception, chosen: Namespace) -> ConfigError:
    """Return why there is no trainer, with the devices of this machine where they are the reason.

    Args:
        error: What building it raised.
        chosen: The trainer's options as configured.
    """
    message = " ".join(str(error).split())
    if isinstance(error, TypeError):  # of a strategy that is made for other devices
        message = f"`trainer.strategy` {chosen['strategy']} cannot be built: {message}"
    is_about_devices = chosen["accelerator"] != "auto" or re.search("accelerator|device|GPU|CUDA", message)
    return ConfigError(f"{message}{f' (devices here: {_devices()})' if is_about_devices else ''}")


def _devices() -> str:
    known = {name: entry["accelerator"] for name, entry in AcceleratorRegistry.items()}
    return ", ".join(name for name, accelerator in known.items() if accelerator.is_available())

"""What a configuration may name: only classes of the modules listed here are ever imported, and only files are read."""

import os
import sys
from pathlib import Path

from jsonargparse import set_parsing_settings

from c5snn.errors import ConfigError

__all__ = ["apply_import_policy", "is_allowed", "own_modules"]

ALLOWED_IMPORTS = (
    "c5snn",
    "torch.optim",
    "lightning.pytorch.callbacks",
    "lightning.pytorch.cli.ReduceLROnPlateau",
    "lightning.pytorch.loggers",
    "lightning.pytorch.profilers",
    "lightning.pytorch.strategies",
)
DEFAULTS_FROM_ENVIRONMENT = "JSONARGPARSE_DEFAULT_ENV"


def apply_import_policy() -> None:
    """Refuse every import that a parsed value asks for, but for the allowed modules.

    A user's own modules are allowed by ``C5SNN_ALLOWED_IMPORTS=my_models,my_callbacks``; they are found in the current
    folder, too.

    Raises:
        ConfigError: The environment asks the parser to take options from it.
    """
    if os.environ.get(DEFAULTS_FROM_ENVIRONMENT, "").lower() == "true":
        raise ConfigError(
            f"Options come from flags and files, but `{DEFAULTS_FROM_ENVIRONMENT}` takes them from the environment; "
            "unset it."
        )
    set_parsing_settings(
        import_path_denylist=["*"],
        import_path_allowlist=[*ALLOWED_IMPORTS, *own_modules()],
        # a class is built where one is asked for, not wherever a value looks like one
        instantiate_subclass_spec_in_any=False,
        # LightningCLI lets a configuration's path be any address
        config_read_mode_fsspec_enabled=False,
    )
    here = str(Path.cwd())
    if own_modules() and here not in sys.path:
        sys.path.append(here)  # last: a file of one's own hides no installed module


def is_allowed(module: str) -> bool:
    """Say whether a configuration may import a module."""
    return any(module == name or module.startswith(f"{name}.") for name in (*ALLOWED_IMPORTS, *own_modules()))


def own_modules() -> list[str]:
    """Return the modules that the user has allowed."""
    return [name.strip() for name in os.environ.get("C5SNN_ALLOWED_IMPORTS", "").split(",") if name.strip()]

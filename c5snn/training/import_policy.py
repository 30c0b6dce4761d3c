"""What a configuration may name: only classes of the modules listed here are ever imported."""

import os

from jsonargparse import set_parsing_settings

__all__ = ["apply_import_policy"]

ALLOWED_IMPORTS = (
    "c5snn",
    "torch.optim",
    "lightning.pytorch.callbacks",
    "lightning.pytorch.cli.ReduceLROnPlateau",
    "lightning.pytorch.loggers",
    "lightning.pytorch.profilers",
    "lightning.pytorch.strategies",
)


def apply_import_policy() -> None:
    """Refuse every import that a parsed value asks for, but for the allowed modules.

    A user's own modules are allowed by ``C5SNN_ALLOWED_IMPORTS=my_models,my_callbacks``.
    """
    own = [name.strip() for name in os.environ.get("C5SNN_ALLOWED_IMPORTS", "").split(",") if name.strip()]
    set_parsing_settings(
        import_path_denylist=["*"],
        import_path_allowlist=[*ALLOWED_IMPORTS, *own],
        # a class is built where one is asked for, not wherever a value looks like one
        instantiate_subclass_spec_in_any=False,
    )

"""What a configuration may name: only classes of the modules listed here are ever imported."""

import os

from jsonargparse import set_parsing_settings

__all__ = ["apply_import_policy", "is_allowed"]

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
    set_parsing_settings(
        import_path_denylist=["*"],
        import_path_allowlist=_allowed(),
        # a class is built where one is asked for, not wherever a value looks like one
        instantiate_subclass_spec_in_any=False,
    )


def is_allowed(module: str) -> bool:
    """Say whether a configuration may import a module."""
    return any(module == name or module.startswith(f"{name}.") for name in _allowed())


def _allowed() -> list[str]:
    own = [name.strip() for name in os.environ.get("C5SNN_ALLOWED_IMPORTS", "").split(",") if name.strip()]
    return [*ALLOWED_IMPORTS, *own]

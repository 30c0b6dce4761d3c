"""Does a spiking recurrent network learn anything from a history of events, and how sure are we?

In a notebook: ``c5snn.train``, ``c5snn.load``, ``c5snn.load_sweep`` and ``c5snn.compare``. Each is imported when it is
asked for, so that importing the package costs nothing.
"""

import importlib

__version__ = "0.1.0"

# by name, so that nothing below the notebook's layer imports it
_MODULES = {
    "compare": "c5snn.notebook.comparisons",
    "load": "c5snn.notebook.runs",
    "load_sweep": "c5snn.notebook.sweeps",
    "train": "c5snn.training.run",
}


def __getattr__(name: str) -> object:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_MODULES[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_MODULES])

"""The definition that a sweep ran with, beside its results: the file with its profile and its flags merged."""

from dataclasses import asdict
from pathlib import Path

import yaml

from c5snn.files import write_text
from c5snn.sweeps.spec import SweepSpec

__all__ = ["DEFINITION", "write_definition"]

DEFINITION = "definition.yaml"
MERGED = {"profiles", "columns"}  # a profile is merged already, and the columns are those of an earlier table


def write_definition(spec: SweepSpec, output: Path) -> None:
    """Write what differs from the defaults of a sweep's file.

    Args:
        spec: The sweep.
        output: Its folder.
    """
    written, plain = asdict(spec), asdict(SweepSpec(base=""))
    content = {name: value for name, value in written.items() if name not in MERGED and value != plain[name]}
    text = yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=120)
    write_text(output / DEFINITION, f"# What this folder's sweep ran with; `c5snn refine` reads it.\n{text}")

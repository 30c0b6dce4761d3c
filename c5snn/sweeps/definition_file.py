"""The definition that a sweep ran with, beside its results: the file with its profile and its flags merged."""

from dataclasses import MISSING, asdict, fields
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
    written = asdict(spec)
    content = {
        item.name: written[item.name]
        for item in fields(SweepSpec)
        if item.name not in MERGED and (item.default is MISSING or written[item.name] != item.default) and written[item.name] not in ({}, None)
    }
    text = yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=120)
    write_text(output / DEFINITION, f"# What this folder's sweep ran with; `c5snn refine` reads it.\n{text}")

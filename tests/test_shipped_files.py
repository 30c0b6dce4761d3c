"""What an installed package holds beside its modules."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_every_configuration_and_sweep_of_the_checkout_is_in_the_wheel():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    included = project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    sweeps = {f"sweeps/{path.name}" for path in (ROOT / "sweeps").glob("*.yaml")}
    assert {source: f"c5snn/{source}" for source in {"configs", *sweeps}} == included

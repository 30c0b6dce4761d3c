"""Configurations are found from anywhere, and every shipped one is whole."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import yaml

import c5snn
import c5snn.models
from c5snn.errors import ConfigError
from c5snn.training.config_files import find_config, resolve_configs, with_class_name
from c5snn.training.lightning_cli import C5CLI

CHECKOUT = Path(c5snn.__file__).parent.parent
SHIPPED = sorted(path.relative_to(CHECKOUT / "configs").as_posix() for path in (CHECKOUT / "configs").rglob("*.yaml"))


@pytest.mark.slow
@pytest.mark.usefixtures("workdir")
@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_configuration_builds_its_model_from_an_empty_folder(name):
    data = yaml.safe_load((CHECKOUT / "configs" / name).read_text()).get("data", {})
    cli = C5CLI(["--config", name, *(() if "class_path" in data else ("--data.window", "9"))])
    assert type(cli.model).__module__.startswith("c5snn.models.")
    assert getattr(cli.model.hparams, "window", 9) == 9


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_configuration_says_how_to_use_it(name):
    assert (CHECKOUT / "configs" / name).read_text().startswith("# ")
    assert f"--config {name}" in (CHECKOUT / "configs" / name).read_text().splitlines()[0]


def test_ones_own_file_comes_before_the_shipped_one(workdir):
    assert find_config("gru.yaml") == CHECKOUT / "configs/gru.yaml"
    (workdir / "configs").mkdir()
    (workdir / "configs/gru.yaml").write_text("{}")
    assert find_config("gru.yaml") == Path("configs/gru.yaml")
    (workdir / "gru.yaml").write_text("{}")
    assert find_config("gru.yaml") == Path("gru.yaml")


@pytest.mark.usefixtures("workdir")
def test_both_ways_of_writing_a_flag_are_looked_up():
    path = str(CHECKOUT / "configs/gru.yaml")
    assert resolve_configs(["--config", "gru.yaml"]) == ["--config", path]
    assert resolve_configs(["--config=gru.yaml"]) == [f"--config={path}"]


def test_a_missing_file_names_the_shipped_ones():
    with pytest.raises(ConfigError, match=r"original/spike_gru\.yaml"):
        find_config("nope.yaml")


def test_a_wheel_carries_the_configurations(workdir):
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(workdir / "dist")],
        cwd=CHECKOUT, check=True, capture_output=True,
    )  # fmt: skip
    (wheel,) = (workdir / "dist").glob("*.whl")
    zipfile.ZipFile(wheel).extractall(workdir / "installed")
    (workdir / "empty").mkdir()
    code = "from c5snn.training.config_files import find_config; print(find_config('original/spike_gru.yaml'))"
    found = subprocess.run(
        [sys.executable, "-c", code], cwd=workdir / "empty", check=True, capture_output=True, text=True,
        env={"PYTHONPATH": str(workdir / "installed")},
    ).stdout  # fmt: skip
    assert Path(found.strip()) == workdir / "installed/c5snn/configs/original/spike_gru.yaml"


@pytest.mark.parametrize("name", [path.stem for path in Path(c5snn.models.__file__).parent.glob("[a-z]*.py")])
def test_a_model_goes_by_the_name_of_its_file_too(name):
    cls = getattr(c5snn.models, with_class_name({"model": name})["model"])
    assert cls.__module__ == f"c5snn.models.{name}"
    node = {"model": {"class_path": name, "init_args": {"hidden_size": 4}}}
    assert with_class_name(node)["model"] == {"class_path": cls.__name__, "init_args": {"hidden_size": 4}}
    assert resolve_configs(["--model", name]) == ["--model", cls.__name__]
    assert resolve_configs([f"--model={name}"]) == [f"--model={cls.__name__}"]


def test_any_other_name_of_a_model_is_left_as_it_is():
    for name in ("SpikeGRU", "mine.Model", "nothing", "__init__"):
        assert with_class_name({"model": name}) == {"model": name}

"""A sweep's file: typed, checked, with profiles; wrong ones are named."""

from pathlib import Path

import pytest
import yaml

import c5snn
from c5snn.errors import ConfigError
from c5snn.sweeps.spec import override
from c5snn.sweeps.spec_file import read_spec

SHIPPED = {
    path.name: yaml.safe_load(path.read_text()) for path in (Path(c5snn.__file__).parents[1] / "sweeps").glob("*.yaml")
}
PROFILES = [(name, profile) for name, content in sorted(SHIPPED.items()) for profile in [None, *content["profiles"]]]


def write(folder, text):
    (folder / "own.yaml").write_text(text)
    return read_spec("own.yaml")[1]


@pytest.mark.parametrize(("name", "profile"), PROFILES)
def test_every_shipped_sweep_is_whole(name, profile):
    path, spec = read_spec(name, profile)
    assert path.name == name
    assert spec.bases
    assert path.read_text().startswith("# ")
    assert f"c5snn sweep {name}" in path.read_text().splitlines()[0]


@pytest.mark.parametrize("name", sorted(SHIPPED))
def test_every_shipped_sweep_can_be_rehearsed(name):
    assert "smoke" in SHIPPED[name]["profiles"]


def test_the_standard_ladder_is_all_that_its_file_says():
    (_, standard), (_, whole) = (read_spec("ladder.yaml", profile) for profile in ("standard", None))
    assert standard == whole


def test_one_value_is_fixed_and_several_are_searched(workdir):
    spec = write(workdir, "base: gru.yaml\nspace: {model.hidden_size: [8, 16], data.window: 5, model.num_layers: [2]}")
    assert spec.searched == {"model.hidden_size": [8, 16]}
    assert spec.fixed == {"data.window": 5, "model.num_layers": 2}


def test_a_class_among_the_values_is_read_and_not_built(workdir):
    value = {"class_path": "c5snn.data.Repeat", "init_args": {"lag": 5}}
    assert write(workdir, f"base: gru.yaml\nspace: {{data.signal: [{value}]}}").fixed == {"data.signal": value}


def test_a_profile_fixes_options_and_replaces_fields(workdir):
    (workdir / "own.yaml").write_text(
        "base: gru.yaml\nspace: {model.hidden_size: [8, 16], data.window: 9}\n"
        "profiles: {smoke: {trainer.max_epochs: 1, data.window: 5, model.hidden_size: [4, 5], seeds: [1]}}"
    )
    spec = read_spec("own.yaml", "smoke")[1]
    assert spec.space == {"model.hidden_size": [4, 5], "data.window": 5}
    assert spec.options == {"trainer.max_epochs": 1}
    assert spec.fixed == {"data.window": 5, "trainer.max_epochs": 1}
    assert spec.seeds == [1]


@pytest.mark.parametrize("section", ["options", "space"])
@pytest.mark.parametrize("value", ["[1]", "null", "5"])
def test_a_section_of_a_profile_that_maps_nothing_is_named(workdir, section, value):
    (workdir / "own.yaml").write_text(f"base: gru.yaml\nprofiles: {{smoke: {{{section}: {value}}}}}")
    with pytest.raises(ConfigError, match=f"`{section}` of the profile `smoke` must map names to values"):
        read_spec("own.yaml", "smoke")


def test_what_a_profile_searches_itself_comes_after_the_space(workdir):
    (workdir / "own.yaml").write_text(
        "base: gru.yaml\nspace: {model.hidden_size: [8, 16]}\n"
        "profiles: {wide: {data.window: [5, 9], model.dropout: [0.0, 0.1], data.batch_size: 8}}"
    )
    assert list(read_spec("own.yaml", "wide")[1].searched) == ["model.hidden_size", "data.window", "model.dropout"]


def test_the_command_line_overrides_the_confirmation(workdir):
    spec = write(workdir, "base: gru.yaml\nconfirm: {top_k: 3, seeds: [42, 123, 7]}")
    changed = override(spec, top_k=1, seeds=[5]).confirm
    assert (changed.top_k, changed.seeds) == (1, [5])


@pytest.mark.parametrize(
    ("changes", "reason"), [({"top_k": 0}, "top_k"), ({"seeds": [1, 1]}, "seeds"), ({"seeds": []}, "seeds")]
)
def test_a_wrong_number_on_the_command_line_is_refused(changes, reason, workdir):
    spec = write(workdir, "base: gru.yaml\nconfirm: {top_k: 3, seeds: [42, 123, 7]}")
    with pytest.raises(ConfigError, match=reason):
        override(spec, **changes)


def test_without_a_confirmation_there_is_no_top(workdir):
    with pytest.raises(ConfigError, match="--top-k"):
        override(write(workdir, "base: gru.yaml"), top_k=1)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("space: {model.hidden_size: [8]}", "base"),
        ("base: gru.yaml\nspaces: {}", "spaces"),
        ("base: gru.yaml\nspace: {model.hidden_size: []}", "empty"),
        ("base: gru.yaml\nspace: {model.hidden_size: [8, 8]}", "doubled"),
        ("base: gru.yaml\nseeds: []", "seeds"),
        ("base: gru.yaml\nseeds: [1, 1]", "seeds"),
        ("base: gru.yaml\nconfirm: {top_k: 0}", "top_k"),
        ("base: gru.yaml\nconfirm: {top_k: many}", "top_k"),
        ("base: gru.yaml\ntimeout_s: 0", "timeout_s"),
        ("base: gru.yaml\nspace: {data.window: 5}\noptions: {data.window: 6}", "both"),
        ("base: gru.yaml\nspace: [model.beta]", "space"),
        ("base: gru.yaml\nprofiles: {short: 5}", "profiles"),
        ("base: gru.yaml\nvariants: {wide: {}}", "`wide` changes nothing"),
        ("base: gru.yaml\nvariants: {wide: 5}", "variants"),
        ("base: gru.yaml\nvariants: {gru: {model.num_layers: 2}}", "distinct names"),
        (
            "base: gru.yaml\nspace: {model.hidden_size: [4, 8]}\nvariants: {wide: {model.hidden_size: 9}}",
            "`wide` changes model.hidden_size",
        ),
        ("base: gru.yaml\nvariants: {wide: {base: gru.yaml}}", "`wide` changes nothing"),
        ("base: gru.yaml\nvariants: {wide: {base: [mlp.yaml], model.hidden_size: 9}}", "a configuration's file"),
        ("base: gru.yaml\nvariants: {mlp: {base: mlp.yaml}}", "`mlp` changes nothing"),
        ("base: [gru.yaml, mlp.yaml]\nvariants: {gru: {base: gru.yaml, model.num_layers: 2}}", "distinct names"),
        ("base: gru.yaml\nsearch: {n_trials: 2}\nseed_per_history: true", "a field of a grid"),
        ("- base", "mapping"),
        ("base: [", "YAML"),
    ],
)
def test_a_wrong_file_is_named(text, reason, workdir):
    with pytest.raises(ConfigError, match=reason):
        write(workdir, text)


def test_an_unknown_profile_names_the_known_ones(workdir):
    (workdir / "own.yaml").write_text("base: gru.yaml\nprofiles: {smoke: {}}")
    with pytest.raises(ConfigError, match="it has: smoke"):
        read_spec("own.yaml", "smoek")

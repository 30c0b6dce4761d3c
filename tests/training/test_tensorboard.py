"""What TensorBoard shows of a run: curves in groups, pictures, and one row with what was chosen and what came out."""

import pytest
import yaml
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.backend.event_processing.plugin_event_multiplexer import EventMultiplexer
from tensorboard.plugins.hparams.plugin_data_pb2 import HParamsPluginData

from c5snn.cli import main
from c5snn.records import find_runs
from c5snn.records.options import flatten
from c5snn.training.evaluation import test_run as score_run
from c5snn.training.run import train
from c5snn.training.tensorboard import shown_options, tag_of


def events(run):
    return EventAccumulator(str(run.folder), size_guidance={"images": 0, "scalars": 0}).Reload()


def scalars(run):
    """The values of each tag."""
    found = events(run)
    return {tag: [event.value for event in found.Scalars(tag)] for tag in found.Tags()["scalars"]}


def shown(run):
    """The hyperparameters of a run's row."""
    start = events(run).SummaryMetadata("_hparams_/session_start_info").plugin_data.content
    chosen = HParamsPluginData.FromString(start).session_start_info.hparams
    return {name: _plain(value) for name, value in chosen.items()}


def _plain(value):
    return getattr(value, value.WhichOneof("kind"))


def test_the_row_holds_every_argument_of_the_model_and_what_differs_from_the_defaults(small_run):
    chosen = shown(small_run)
    arguments = {name: value for name, value in chosen.items() if name.startswith("model.")}
    assert arguments.keys() == {f"model.{name}" for name in small_run.arguments}
    assert [arguments[f"model.{name}"] for name in ("hidden_size", "beta", "num_layers", "n_parts")] == [
        8,
        "0.5",
        1,
        39,
    ]
    assert {name: value for name, value in chosen.items() if name not in arguments} == {
        "model": "SpikeGRU", "data.n_events": 260, "data.window": 5, "trainer.max_epochs": "2",
    }  # fmt: skip


def test_a_run_is_one_entry_with_its_results_and_no_placeholder(small_run):
    found = EventMultiplexer().AddRunsFromDirectory(str(small_run.folder.parent)).Reload()
    assert found.Runs().keys() == {small_run.folder.name}
    assert scalars(small_run)["best/val_recall_at_20"] == [pytest.approx(small_run.val["val_recall_at_20"])]
    assert "hp_metric" not in scalars(small_run)


@pytest.mark.slow
def test_every_curve_lies_in_one_of_few_groups(small_run):
    groups = {tag.partition("/")[0] for tag in scalars(small_run)}
    assert groups == {"train", "val", "best", "spikes", "outputs"}


def test_the_configuration_is_shown_as_text(small_run):
    found = events(small_run)
    (text,) = found.Tensors("configuration/text_summary")
    assert "    model:\n      class_path: c5snn.models.SpikeGRU\n" in text.tensor_proto.string_val[0].decode()


def types_of(run):
    return {name: type(value) for name, value in shown(run).items()}


@pytest.mark.slow
@pytest.mark.parametrize(
    "words", [["--model.beta", "[0.2, 0.9]"], ["--model.dropout", "1e-3"], ["--model.learn_beta", "true"]]
)
def test_a_column_has_one_type_in_all_runs(words, small, small_run):
    other = train([*small, *words])
    assert types_of(other) == types_of(small_run)


@pytest.mark.slow
def test_a_swept_option_is_shown_where_it_has_its_default(workdir):
    space = {"optimizer.lr": [0.001, 0.01], "early_stopping.patience": [10, 3], "data.n_events": 260,
             "data.window": 5, "trainer.max_epochs": 1, "model.hidden_size": 4}  # fmt: skip
    spec = {"base": "gru.yaml", "space": space, "allow_inert": True}
    (workdir / "own.yaml").write_text(yaml.safe_dump(spec))
    assert main(["sweep", "own.yaml", "--workers", "1", "--output", "swept"]) == 0
    rows = [shown(run) for run in find_runs("swept")[0]]
    assert len({frozenset(row) for row in rows}) == 1
    assert {(row["optimizer.lr"], row["early_stopping.patience"]) for row in rows} == {
        (0.001, 10), (0.001, 3), (0.01, 10), (0.01, 3),
    }  # fmt: skip


def test_an_option_that_a_run_does_not_have_is_empty_and_no_text():
    annotations = {"model.lag": int}
    assert shown_options({"model.lag": 2}, ["model.lag"], annotations) == {"model.lag": 2.0}
    assert shown_options({"model.hidden_size": 2}, ["model.lag"], annotations) == {}


def test_the_curves_have_one_point_an_epoch(small_run):
    curves = scalars(small_run)
    for name in ("train_loss", "val_loss", "val_recall_at_20", "val_mrr"):
        assert curves[tag_of(name)] == pytest.approx([row[name] for row in small_run.learning_curve])


@pytest.mark.slow
def test_after_the_test_the_run_has_its_numbers_too(small_run):
    tested = score_run([str(small_run.folder)])
    found = {tag: values for tag, values in scalars(small_run).items() if tag.startswith("test/")}
    assert found == {f"test/{name}": [pytest.approx(entry.value)] for name, entry in tested.test.metrics.items()}
    assert shown(small_run)["model"] == "SpikeGRU"
    assert len(list(small_run.folder.glob("events.*.hparams"))) == 1


PICTURES = ["membranes/recurrent.layers.0", "spikes/recurrent.layers.0", "weights/singular_values"]


@pytest.mark.parametrize(
    ("when", "steps"),
    [("1", 2), *(pytest.param(when, steps, marks=pytest.mark.slow) for when, steps in {"end": 1, "off": 0}.items())],
)
def test_pictures_come_at_the_end_never_or_after_every_nth_epoch(small, when, steps):
    run = train([*small, "--pictures", when])
    found = events(run)
    assert sorted(found.Tags()["images"]) == (PICTURES if steps else [])
    assert [len(found.Images(tag)) for tag in found.Tags()["images"]] == [steps] * len(found.Tags()["images"])
    assert all(found.Images(tag)[0].encoded_image_string.startswith(b"\x89PNG") for tag in found.Tags()["images"])
    assert "pictures" not in run.chosen


@pytest.mark.slow
def test_pictures_change_nothing_of_a_run(small):
    drawn, plain = (train([*small, "--pictures", when]) for when in ("1", "off"))
    assert [without_time(row) for row in drawn.learning_curve] == [without_time(row) for row in plain.learning_curve]


def without_time(row):
    return {name: value for name, value in row.items() if name != "epoch_time_s"}


def test_a_logger_of_ones_own_replaces_ours(small):
    run = train([*small, "--trainer.logger", "CSVLogger", "--trainer.logger.save_dir", "own"])
    assert (run.folder / "best.ckpt").is_file()
    assert [path.suffix for path in run.folder.glob("events.*")] == [".hparams"]


def test_lists_are_shown_whole():
    assert flatten({"model": {"class_path": "c5snn.models.SpikeGRU", "init_args": {"beta": [0.2, 0.9]}}}) == {
        "model": "SpikeGRU",
        "model.beta": [0.2, 0.9],
    }

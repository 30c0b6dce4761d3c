"""What every encoder of ARC tasks promises. A model of the task that is added to ``c5snn.models`` is collected too."""

import inspect
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional as F

import c5snn.models
from c5snn.data import GridPairs
from c5snn.data.arc.grids import PADDING
from c5snn.errors import ConfigError, DataError
from c5snn.tasks import CategoryModule
from c5snn.training.lightning_cli import C5CLI

MODELS = [
    exported
    for exported in vars(c5snn.models).values()
    if isinstance(exported, type) and issubclass(exported, CategoryModule) and not exported.is_baseline
]
SMALL = {
    "embed_dim": 8, "width_mult": 0.1, "mlp_hidden": 12, "d_model": 16, "num_heads": 2, "pixel_layers": 1,
    "grid_layers": 1,
}  # fmt: skip
N_CATEGORIES = 9
# one other value of each argument, and what else must be set for it to matter
ALTERNATIVES = {
    "embed_dim": (12, {}),
    "n_demos": (2, {}),
    "width_mult": (0.2, {}),
    "depth": (2, {}),
    "mlp_hidden": (7, {}),
    "demo_agg": ("mean", {}),
    "use_coords": (True, {}),
    "dropout": (0.7, {}),
    "d_model": (8, {}),
    "num_heads": (4, {}),
    "pixel_layers": (2, {}),
    "grid_layers": (2, {}),
    "head": ("linear", {}),
    "use_cosine": (True, {}),
    "temperature": (3.0, {"use_cosine": True}),
    "label_smoothing": (0.2, {}),
    "centroids": ("other", {"head": "centroid"}),
    "random": (True, {"head": "centroid"}),
}
each_model = pytest.mark.parametrize("model_class", MODELS)
each_argument = pytest.mark.parametrize(
    ("model_class", "argument"), [(model, name) for model in MODELS for name in inspect.signature(model).parameters]
)
HEADS = [{}, {"use_cosine": True}, {"head": "linear"}, {"head": "centroid"}, {"head": "centroid", "use_cosine": True}]
each_head = pytest.mark.parametrize("head", HEADS, ids=lambda head: "-".join(map(str, head.values())) or "default")


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Two files of centroids, by name."""
    folder, found = tmp_path_factory.mktemp("centroids"), {}
    for seed, name in enumerate(["one", "other"]):
        found[name] = str(folder / f"{name}.npy")
        np.save(found[name], np.random.default_rng(seed).normal(size=(N_CATEGORIES, 12)))
    return found


@pytest.fixture
def build(files):
    """Return a function that builds a small model under a fixed seed."""

    def built(model_class, **arguments):
        torch.manual_seed(0)
        given = {name: value for name, value in SMALL.items() if name in inspect.signature(model_class).parameters}
        if arguments.get("head") == "centroid":
            arguments = {**arguments, "centroids": files[arguments.get("centroids", "one")]}
        return model_class(**{**given, **arguments})

    return built


def draw_pairs(n_demos=3, n_items=5):
    """Return items whose grids have different sizes."""
    random = np.random.default_rng(1)
    grids = torch.full((2, n_items, n_demos, 9, 9), PADDING)
    for grid in grids.flatten(0, 2):
        height, width = random.integers(1, 10, 2)
        grid[:height, :width] = torch.from_numpy(random.integers(0, PADDING, (height, width)))
    return GridPairs(*grids)


def labels_of(pairs):
    return torch.arange(len(pairs.inputs)) % N_CATEGORIES


def behaviour(model, pairs):
    """Return all that a training step could show: shapes of weights, logits, loss and gradients."""
    torch.manual_seed(3)
    logits = model.train()(pairs)
    loss = model.loss(logits, labels_of(pairs))
    loss.backward()
    shapes = [(name, tuple(weight.shape)) for name, weight in model.named_parameters()]
    return shapes, logits.tolist(), loss.item(), [weight.grad.tolist() for weight in model.parameters()]


@each_model
@each_head
def test_every_category_gets_one_finite_logit(build, model_class, head):
    logits = build(model_class, **head)(draw_pairs())
    assert logits.shape == (5, N_CATEGORIES)
    assert logits.isfinite().all()


@each_model
@each_head
def test_every_parameter_gets_a_gradient(build, model_class, head):
    model, pairs = build(model_class, **head), draw_pairs()
    model.loss(model(pairs), labels_of(pairs)).backward()
    without = [name for name, weight in model.named_parameters() if weight.grad is None or not weight.grad.any()]
    assert without == []


@each_model
@pytest.mark.parametrize("more", [0, 10])
def test_the_amount_of_padding_does_not_change_a_logit(build, model_class, more):
    coordinates = {"use_coords": True} if "use_coords" in inspect.signature(model_class).parameters else {}
    model, pairs = build(model_class, **coordinates).eval(), draw_pairs()
    padded = GridPairs(*(F.pad(grids, (0, more, 0, more), value=PADDING) for grids in pairs))
    torch.testing.assert_close(model(padded), model(pairs), rtol=0, atol=1e-5)


@each_model
def test_neighbours_in_the_batch_do_not_change_a_logit(build, model_class):
    model, pairs = build(model_class).eval(), draw_pairs()
    for item, logits in enumerate(model(pairs)):
        alone = [grids[item : item + 1] for grids in pairs]
        side = int((alone[0] != PADDING).logical_or(alone[1] != PADDING).nonzero()[:, 2:].max()) + 1
        alone = GridPairs(*(grids[..., :side, :side] for grids in alone))
        torch.testing.assert_close(model(alone)[0], logits, rtol=0, atol=1e-5)


@each_model
def test_the_pairs_inputs_and_outputs_are_distinguished(build, model_class):
    model, pairs = build(model_class).eval(), draw_pairs()
    assert not torch.allclose(model(GridPairs(pairs.outputs, pairs.inputs)), model(pairs))


@each_model
def test_hyperparameters_are_the_arguments(build, model_class):
    assert build(model_class).hparams.keys() == inspect.signature(model_class).parameters.keys()


@each_argument
def test_every_argument_has_an_effect(build, model_class, argument):
    value, given = ALTERNATIVES[argument]
    pairs = [draw_pairs(n_demos) for n_demos in (3, value if argument == "n_demos" else 3)]
    first, second = build(model_class, **given), build(model_class, **{**given, argument: value})
    assert behaviour(first, pairs[0]) != behaviour(second, pairs[1])
    assert first.effective_hparams() != second.effective_hparams()


@each_model
def test_arguments_that_cannot_act_are_not_effective(build, files, model_class):
    plain = build(model_class).effective_hparams()
    without_effect = {"temperature": 3.0, "random": True, "centroids": files["one"]}
    assert build(model_class, **without_effect).effective_hparams() == plain


@each_model
def test_metrics_and_smoothing_see_the_same_logits(build, model_class):
    pairs = draw_pairs()
    plain, smooth = (build(model_class, label_smoothing=share).eval() for share in (0.0, 0.3))
    assert torch.equal(plain(pairs), smooth(pairs))
    expected = F.cross_entropy(plain(pairs), labels_of(pairs), label_smoothing=0.3)
    torch.testing.assert_close(smooth.loss(smooth(pairs), labels_of(pairs)), expected)


REFUSED = [
    ({"embed_dim": 0}, "embed_dim >= 1"),
    ({"n_demos": 0}, "n_demos >= 1"),
    ({"dropout": 1.0}, "dropout"),
    ({"label_smoothing": 1.0}, "label_smoothing"),
    ({"temperature": 0.0}, "temperature > 0"),
    ({"width_mult": 0.0}, "width_mult > 0"),
    ({"depth": 0}, "depth >= 1"),
    ({"d_model": 18}, "d_model % 4 == 0"),
    ({"d_model": 20, "num_heads": 8}, "d_model % num_heads == 0"),
    ({"pixel_layers": 0}, "pixel_layers >= 1"),
    ({"grid_layers": 0}, "grid_layers >= 1"),
]


@pytest.mark.parametrize(
    ("model_class", "arguments", "rule"),
    [
        (model, arguments, rule)
        for model in MODELS
        for arguments, rule in REFUSED
        if arguments.keys() <= inspect.signature(model).parameters.keys()
    ],
)
def test_arguments_out_of_their_range_are_refused(model_class, arguments, rule):
    with pytest.raises(ConfigError, match=rule):
        model_class(**arguments)


@each_model
def test_other_numbers_of_demonstrations_than_the_models_own_are_refused(build, model_class):
    with pytest.raises(ConfigError, match="n_demos"):
        build(model_class)(draw_pairs(n_demos=2))


@each_model
def test_random_centroids_have_the_lengths_of_the_given_ones(build, files, model_class):
    given, control = (build(model_class, head="centroid", random=random) for random in (False, True))
    lengths = [model.head.prototypes.centroids.norm(dim=1) for model in (given, control)]
    torch.testing.assert_close(*lengths)
    torch.testing.assert_close(
        lengths[0].double(), torch.from_numpy(np.load(files["one"])).norm(dim=1), rtol=1e-5, atol=0
    )
    again = build(model_class, head="centroid", random=True)
    assert torch.equal(again.head.prototypes.centroids, control.head.prototypes.centroids)


@each_model
@pytest.mark.parametrize(
    ("content", "error"),
    [(None, "cannot be read"), (np.zeros(9), "must hold a matrix"), (np.full((9, 2), np.nan), "must hold a matrix"),
     (np.zeros((8, 2)), "one centroid a category"), (b"no array", "cannot be read")],
)  # fmt: skip
def test_files_that_hold_no_centroids_are_refused(tmp_path, model_class, content, error):
    path = tmp_path / "centroids.npy"
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content is not None:
        np.save(path, content)
    with pytest.raises((ConfigError, DataError), match=error):
        model_class(head="centroid", centroids=str(path))


@each_model
def test_a_relative_path_of_centroids_is_recorded_in_full(files, monkeypatch, model_class):
    monkeypatch.chdir(Path(files["one"]).parent)
    words = ["--model", model_class.__name__, "--data", "ArcDataModule", "--model.head", "centroid"]
    cli = C5CLI([*words, "--model.centroids", Path(files["one"]).name])
    assert cli.config["model"]["init_args"]["centroids"] == files["one"]


@each_model
def test_a_head_of_centroids_needs_a_file(model_class):
    with pytest.raises(ConfigError, match="centroids is not None"):
        model_class(head="centroid")

"""What every model promises. A model added to ``c5snn.models`` is collected by itself, in all its variants."""

import gc
import inspect
import typing
import weakref
from functools import cache

import pytest
import torch
from lightning.pytorch import Trainer

import c5snn.models
from c5snn.data import EventDataModule
from c5snn.tasks.next_event import NextEventModule

MODELS = [
    exported
    for exported in vars(c5snn.models).values()
    if isinstance(exported, type) and issubclass(exported, NextEventModule)
]
# small shapes, for the arguments a model has
SMALL = {"n_parts": 23, "window": 6, "hidden_size": 16, "hidden_sizes": (16, 12), "n_channels": 16, "d_model": 16}
SMALL |= {"patch": 2, "stride": 1}
N_PARTS, WINDOW, BATCH = SMALL["n_parts"], SMALL["window"], 8
# one other value of each argument, and what else must be set for it to matter
ALTERNATIVES = {
    "n_parts": (7, {}),
    "window": (5, {}),
    "hidden_size": (9, {}),
    "hidden_sizes": ((16,), {}),
    "n_channels": (9, {}),
    "kernel_size": (5, {}),
    "d_model": (8, {}),
    "num_heads": (2, {}),
    "ffn_size": (24, {}),
    "variant": ("published", {}),
    "patch": (3, {}),
    "stride": (2, {}),
    "num_layers": (3, {}),
    "beta": (0.4, {"encoding": "rate_coded"}),
    "dropout": (0.5, {"num_layers": 2}),
    "encoding": ("rate_coded", {"rate_min": 0.2}),
    "timesteps": (3, {"encoding": "rate_coded", "rate_min": 0.2}),
    "rate_min": (0.4, {"encoding": "rate_coded"}),
    "rate_max": (0.6, {"encoding": "rate_coded"}),
    "surrogate": ("atan", {}),
    "slope": (5.0, {}),
    "delay_lines": (2, {}),
    "skip": (True, {}),
    "max_delay": (2, {"delay_lines": 2}),
    "readout": ("membrane", {}),
    "norm": ("batch", {}),
    "init": ("fluctuation", {}),
    "residual": ("membrane", {}),
    "learn_beta": (True, {}),
    "frequency_weight": (0.5, {}),
    "recency_weight": (2.0, {}),
    "decay": (0.5, {}),
    "smoothing": (0.1, {}),
    "online": (True, {}),
}


def arguments_of(model_class):
    return inspect.signature(model_class.__init__).parameters.keys() - {"self"}


def variants_of(model_class):
    """Return keyword arguments: the defaults, every other word of each ``Literal``, each flag, one and two layers."""
    hints = typing.get_type_hints(model_class.__init__)
    choices = {name: typing.get_args(hint) for name, hint in hints.items() if typing.get_origin(hint) is typing.Literal}
    choices |= {name: (True,) for name, hint in hints.items() if hint is bool}
    choices |= {"num_layers": (1, 2)} if "num_layers" in hints else {}
    defaults = {name: parameter.default for name, parameter in inspect.signature(model_class).parameters.items()}
    return [{}] + [{name: value} for name, values in choices.items() for value in values if value != defaults[name]]


def each_variant(test):
    pairs = [(model_class, variant) for model_class in MODELS for variant in variants_of(model_class)]
    names = [
        "-".join([model_class.__name__, *(f"{name}={value}" for name, value in variant.items())])
        for model_class, variant in pairs
    ]
    return pytest.mark.parametrize(("model_class", "variant"), pairs, ids=names)(test)


each_model = pytest.mark.parametrize("model_class", MODELS)
each_argument = pytest.mark.parametrize(
    ("model_class", "argument"),
    [(model_class, argument) for model_class in MODELS for argument in sorted(arguments_of(model_class))],
)


def build(model_class, **arguments):
    """Return a small model under a fixed seed."""
    torch.manual_seed(0)
    small = {name: value for name, value in SMALL.items() if name in arguments_of(model_class)}
    return model_class(**(small | arguments))


def build_awake(model_class, **arguments):
    """Return a model far enough from its start that every weight and count matters and every layer fires."""
    model = build(model_class, **arguments)
    model.fit_directly(history_of(arguments.get("n_parts", N_PARTS)))
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for parameter in model.parameters():
            # a scalar, such as a learned decay, has a range to stay in; biases rise so that pairs of spikes meet
            if parameter.ndim > 0:
                noise = torch.randn(parameter.shape, generator=generator)
                parameter.add_(noise + (parameter.ndim == 1), alpha=0.5)
    return model


@cache
def history_of(n_parts):
    """Return data of so many parts, set up."""
    data = EventDataModule(n_events=60, window=WINDOW, n_parts=n_parts, n_active=4)
    data.setup()
    return data


def draw_windows(window=WINDOW, n_parts=N_PARTS):
    generator = torch.Generator().manual_seed(2)
    active = torch.rand(BATCH, window, n_parts, generator=generator).topk(4, dim=-1).indices
    return torch.zeros(BATCH, window, n_parts).scatter_(-1, active, 1.0)


def answer(model, windows):
    torch.manual_seed(3)
    return model(windows)


@each_variant
def test_every_part_gets_one_finite_logit(model_class, variant):
    logits = build(model_class, **variant)(draw_windows())
    assert logits.shape == (BATCH, N_PARTS)
    assert logits.isfinite().all()


@each_variant
def test_every_parameter_gets_a_gradient(model_class, variant):
    model = build_awake(model_class, **variant)
    logits = model(draw_windows())
    if not model.is_trainable:
        assert not logits.requires_grad
        return
    torch.nn.functional.binary_cross_entropy_with_logits(logits, draw_windows()[:, 0]).backward()
    without = [name for name, weight in model.named_parameters() if weight.grad is None or not weight.grad.any()]
    assert without == []


@each_variant
def test_every_parameter_is_in_one_group_of_the_optimizer(model_class, variant):
    model = build(model_class, **variant)
    grouped = [id(parameter) for group in model.parameter_groups() for parameter in group["params"]]
    assert sorted(grouped) == sorted(map(id, model.parameters()))


@each_variant
def test_the_same_windows_get_the_same_answer_twice(model_class, variant):
    model = build_awake(model_class, **variant)
    first = answer(model, draw_windows())
    assert torch.equal(answer(model, draw_windows()), first)


@each_variant
def test_the_order_of_events_matters(model_class, variant):
    model = build_awake(model_class, **variant).eval()
    assert not torch.allclose(answer(model, draw_windows()), answer(model, draw_windows().flip(1)))


@pytest.mark.slow
@each_variant
def test_a_window_is_ranked_alone_as_in_a_batch(model_class, variant):
    model = build_awake(model_class, **variant).double().eval()
    windows = draw_windows().double()
    alone = torch.cat([model(window[None]) for window in windows])
    torch.testing.assert_close(model(windows), alone)


@pytest.mark.filterwarnings("ignore:The state dict in .* contains no parameters")
@each_variant
def test_a_checkpoint_brings_back_the_model(model_class, variant, tmp_path):
    model = build_awake(model_class, **variant).eval()
    trainer = Trainer(accelerator="cpu", logger=False, enable_progress_bar=False, default_root_dir=tmp_path)
    data = EventDataModule(n_events=60, window=WINDOW, n_parts=N_PARTS, n_active=4)
    trainer.validate(model, data, verbose=False)
    trainer.save_checkpoint(tmp_path / "model.ckpt")
    loaded = model_class.load_from_checkpoint(tmp_path / "model.ckpt", weights_only=True).eval()
    assert dict(loaded.hparams) == dict(model.hparams)
    assert torch.equal(answer(loaded, draw_windows()), answer(model, draw_windows()))


@each_model
def test_hyperparameters_are_the_arguments(model_class):
    assert build(model_class).hparams.keys() == arguments_of(model_class)


@pytest.mark.slow
@each_model
def test_models_that_nobody_holds_are_freed(model_class):
    shallow = {"num_layers": 1} if "num_layers" in arguments_of(model_class) else {}
    alive = [weakref.ref(build(model_class, **shallow)) for _ in range(200)]
    gc.collect()
    assert not any(reference() for reference in alive)


@each_argument
def test_every_argument_has_an_effect(model_class, argument):
    assert argument in ALTERNATIVES, f"name another value of `{argument}` in ALTERNATIVES"
    value, given = ALTERNATIVES[argument]
    base = {name: other for name, other in given.items() if name in arguments_of(model_class)}
    assert behaviour(model_class, **base) != behaviour(model_class, **base, **{argument: value})


def behaviour(model_class, **arguments):
    """Return all that a training step could show: weights and buffers, logits, gradients."""
    model = build_awake(model_class, **arguments).train()
    shape = {name: arguments[name] for name in ("window", "n_parts") if name in arguments}
    logits = answer(model, draw_windows(**shape))
    if model.is_trainable:
        logits.square().sum().backward()
    state = [(name, value.tolist()) for name, value in model.state_dict().items()]
    gradients = [weight.grad if weight.grad is None else weight.grad.tolist() for weight in model.parameters()]
    return state, logits.tolist(), gradients

"""The published PatchTST against the one of `transformers`, which others wrote: equal weights give equal forecasts.

Outside of the default suite, because the project does not depend on that package: install `transformers` into an
environment that sees this project's packages, then run there `pytest -m slow` with this file.

Where the two differ in form, the test says so and bridges it, and nothing else:

* The paper repeats the last value for one stride before it cuts patches, so there is one patch more; `transformers`
  cuts whole patches that end at the end. Here it is given windows that are longer by that stride.
* So that the repeated values do not enter mean and deviation, it normalises nothing here (`scaling=None`); its own
  scaler is held against ours by itself.
* The paper's code adds the attention scores of the layer below (RealFormer); `transformers` does not. With one layer
  that is the same; with three, the sum is handed to its attention as the mask that it adds before the softmax.
* Its positions are fixed sines by default, drawn from N(0, 1) with `random`; ours from U(−0.02, 0.02). They are copied.
* Batch normalisation after each part (`norm_type="batchnorm"`, `pre_norm=False`), GELU, one embedding and one head for
  all channels are the same in both.
"""

import pytest
import torch

from c5snn.models import PatchTST
from c5snn.nn import RevIN

transformers = pytest.importorskip("transformers", reason="compares with the package `transformers`, which is not here")

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("default")]

N_CHANNELS, CONTEXT, HORIZON, PATCH, STRIDE = 7, 336, 96, 16, 8


def theirs(num_layers, **options):
    config = transformers.PatchTSTConfig(
        num_input_channels=N_CHANNELS,
        context_length=CONTEXT + STRIDE,
        prediction_length=HORIZON,
        patch_length=PATCH,
        patch_stride=STRIDE,
        d_model=16,
        num_hidden_layers=num_layers,
        num_attention_heads=4,
        ffn_dim=128,
        norm_type="batchnorm",
        pre_norm=False,
        positional_encoding_type="random",
        scaling=None,
        do_mask_input=False,
        loss="mse",
        pooling_type=None,
        share_embedding=True,
        share_projection=True,
        attn_implementation="eager",
        **options,
    )
    return transformers.PatchTSTForPrediction(config).eval()


def ours(num_layers):
    """A network whose every weight and every running statistic differs from its start."""
    torch.manual_seed(0)
    model = PatchTST(n_channels=N_CHANNELS, context=CONTEXT, horizon=HORIZON, num_layers=num_layers).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.05 * torch.randn_like(parameter))
        for name, buffer in model.named_buffers():
            if name.endswith("running_mean"):
                buffer.normal_()
            elif name.endswith("running_var"):
                buffer.uniform_(0.5, 2.0)
    return model


def copied(source, target):
    """Copy every weight and statistic, and require that none is left out on either side."""
    pairs = [
        (source.encoder.embed, target.model.encoder.embedder.input_embedding),
        (source.readout, target.head.projection),
    ]
    for layer, other in zip(source.encoder.layers, target.model.encoder.layers, strict=True):
        attention = other.self_attn
        pairs += [(layer.query, attention.q_proj), (layer.key, attention.k_proj), (layer.value, attention.v_proj)]
        pairs += [(layer.mix, attention.out_proj), (layer.expand[0], other.ff[0]), (layer.contract, other.ff[3])]
        pairs.append((layer.norm_attention, other.norm_sublayer1.batchnorm))
        pairs.append((layer.norm_output, other.norm_sublayer3.batchnorm))
    for one, two in pairs:
        two.load_state_dict(one.state_dict())
    with torch.no_grad():
        target.model.encoder.positional_encoder.position_enc.copy_(source.encoder.positions)
    counts = [sum(parameter.numel() for parameter in model.parameters()) for model in (source, target)]
    assert counts[0] == counts[1]


def forecasts(source, target, windows):
    """Return both forecasts of the same normalised windows, taken back to their scale."""
    normalised, back = source.normalise(windows)
    longer = torch.cat([normalised, normalised[:, -1:].expand(-1, STRIDE, -1)], dim=1)
    with torch.no_grad():
        return source(windows), back(target(past_values=longer).prediction_outputs)


def add_scores_of_the_layers_below(model):
    """Let each layer's attention add the scores of those below it."""
    below = []

    def hand_over(attention, _words, options):
        tokens = options["hidden_states"]
        query, key = (
            projection(tokens).unflatten(-1, (attention.num_heads, -1)).transpose(1, 2)
            for projection in (attention.q_proj, attention.k_proj)
        )
        summed = below.pop() if below else None
        scores = query @ key.mT * attention.scaling
        below.append(scores if summed is None else scores + summed)
        return (), {**options, "attention_mask": summed}

    for layer in model.model.encoder.layers:
        layer.self_attn.register_forward_pre_hook(hand_over, with_kwargs=True)


@pytest.fixture
def windows():
    return torch.randn(4, CONTEXT, N_CHANNELS, generator=torch.Generator().manual_seed(1)).cumsum(1) + 30


def test_one_layer_forecasts_the_same(windows):
    source, target = ours(1), theirs(1)
    copied(source, target)
    found, expected = forecasts(source, target, windows)
    assert found.std() > 0.1
    torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-5)


def test_three_layers_whose_scores_add_up_forecast_the_same(windows):
    source, target = ours(3), theirs(3)
    copied(source, target)
    plain = forecasts(source, target, windows)
    assert (plain[0] - plain[1]).abs().max() > 1e-3, "without the sum the forms differ"
    add_scores_of_the_layers_below(target)
    found, expected = forecasts(source, target, windows)
    torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-5)


def test_the_scalers_are_the_same(windows):
    from transformers.models.patchtst.modeling_patchtst import PatchTSTStdScaler

    normalised, back = RevIN(N_CHANNELS, affine=False)(windows)
    expected, mean, deviation = PatchTSTStdScaler(theirs(1).config)(windows, torch.ones_like(windows))
    torch.testing.assert_close(normalised, expected, rtol=1e-5, atol=1e-5)
    steps = torch.randn(4, 5, N_CHANNELS)
    torch.testing.assert_close(back(steps), steps * deviation + mean, rtol=1e-5, atol=1e-5)

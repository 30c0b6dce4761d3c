"""What the meter counts, against counts made one spike and one synapse at a time."""

import inspect

import pytest
import snntorch
import torch
from torch import nn

from c5snn.evidence import break_ties
from c5snn.models import SpikeGRU, SpikingCNN1D, SpikingMLP, SpikingTransformer
from c5snn.nn import LIF
from c5snn.records.activity import NetworkActivity
from c5snn.training.activity_meter import ActivityMeter, spiking_layers

N_PARTS, WINDOW, N_WINDOWS = 7, 5, 6


def windows_of_events():
    generator = torch.Generator().manual_seed(2)
    active = torch.rand(N_WINDOWS, WINDOW, N_PARTS, generator=generator).topk(2, dim=-1).indices
    return torch.zeros(N_WINDOWS, WINDOW, N_PARTS).scatter_(-1, active, 1.0)


def network(model_class=SpikeGRU, weight_scale=2.0, **arguments):
    """Return a tiny network that fires."""
    torch.manual_seed(0)
    sizes = {"hidden_size": 4} if model_class is SpikeGRU else {"hidden_sizes": (6, 4), "window": WINDOW}
    model = model_class(N_PARTS, beta=0.6, **sizes, **arguments).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(weight_scale)
    return model


def measured(model, batches):
    torch.manual_seed(3)
    meter = ActivityMeter(model, lambda outputs: break_ties(outputs.numpy(), 0))
    with torch.inference_mode():
        for windows in batches:
            model(windows)
    meter.detach()
    return meter


def spikes_and_membranes(model, inputs):
    """Scan one window by hand; per layer, the lists of spikes and of membranes."""
    below = [model.input(event) for event in inputs]
    spikes = membranes = []
    histories = []
    for layer in model.recurrent.layers:
        membrane, spike, spikes, membranes = torch.zeros(4), torch.zeros(4), [], []
        for current in below:
            membrane = 0.6 * membrane + current + layer.neuron.recurrent(spike) - spike
            spike = (membrane > 1).float()
            spikes, membranes = [*spikes, spike], [*membranes, membrane]
        below = spikes
        histories.append((spikes, membranes))
    return histories


def operations_by_hand(model, encoded):
    """Count every weight that a nonzero value meets, for windows encoded as (time, batch, window, parts)."""
    operations = 0
    for window in range(encoded.shape[1]):
        features = []
        for inputs in encoded[:, window]:
            histories = spikes_and_membranes(model, inputs)
            operations += sum(4 for event in inputs for part in event if part != 0)
            for level, (spikes, _) in enumerate(histories):
                operations += sum(4 for spike in spikes[:-1] for unit in spike if unit != 0)
                if level < len(histories) - 1:
                    operations += sum(1 for spike in spikes for unit in spike if unit != 0)
            spikes, membranes = histories[-1]
            readouts = {"last": spikes[-1], "mean": sum(spikes) / WINDOW, "membrane": membranes[-1]}
            features.append(readouts[model.readout.name])
        operations += sum(N_PARTS for unit in sum(features) if unit != 0)
    return operations


@pytest.mark.parametrize("num_layers", [1, 2])
@pytest.mark.parametrize("readout", ["last", "mean", "membrane"])
@pytest.mark.parametrize("encoding", ["direct", "rate_coded"])
def test_every_synaptic_operation_is_counted_once(readout, encoding, num_layers):
    model = network(readout=readout, encoding=encoding, num_layers=num_layers, timesteps=3, rate_max=0.7)
    windows = windows_of_events()
    with torch.inference_mode():
        torch.manual_seed(3)
        expected = operations_by_hand(model, model.encoder(windows, merge_copies=True))
    assert measured(model, [windows]).activity().synaptic_operations == pytest.approx(expected / N_WINDOWS)


def test_copies_that_are_computed_once_count_once():
    copies = network(encoding="rate_coded", timesteps=10)
    batches = [windows_of_events()]
    assert measured(copies, batches).activity() == measured(network(), batches).activity()


def test_a_feed_forward_network_pays_for_the_spikes_of_every_step():
    model = network(SpikingMLP, weight_scale=6.0, encoding="rate_coded", timesteps=3, rate_max=0.7)
    windows = windows_of_events()
    with torch.inference_mode():
        torch.manual_seed(3)
        encoded = model.encoder(windows, merge_copies=True).flatten(2)
        first = model.layers[0](encoded)
        second = model.layers[1](first)
    assert first.any()
    assert second.any()
    expected = encoded.sum() * 6 + first.sum() * 4 + second.any(0).sum() * N_PARTS
    assert measured(model, [windows]).activity().synaptic_operations == pytest.approx(expected.item() / N_WINDOWS)


@pytest.mark.parametrize("model_class", [SpikeGRU, SpikingMLP, SpikingCNN1D, SpikingTransformer])
def test_every_spiking_layer_of_every_model_is_measured(model_class):
    shape = {"n_parts": N_PARTS, "window": WINDOW}
    known = inspect.signature(model_class).parameters
    model = model_class(**{name: value for name, value in shape.items() if name in known}).eval()
    meter = measured(model, [windows_of_events()])
    neurons = [module for module in model.modules() if isinstance(module, snntorch.SpikingNeuron)]
    assert len(meter.activity().layers) == len(neurons) > 0
    assert set(meter.unit_rates()) == set(spiking_layers(model))


def test_batches_and_their_sizes_change_nothing():
    windows = windows_of_events()
    whole, parts = (measured(network(), batches) for batches in ([windows], [windows[:4], windows[4:]]))
    assert parts.n_windows == whole.n_windows == N_WINDOWS
    assert parts.activity().layers == whole.activity().layers
    assert parts.activity().synaptic_operations == whole.activity().synaptic_operations


class _Layer(nn.Module):
    """A spiking layer of three units, one of which never fires, one sometimes and one in every step."""

    def __init__(self):
        super().__init__()
        self.units = LIF(3, beta=0.0)

    def forward(self, current):
        return self.units(current.expand(4, *current.shape)).spikes.mean(0)


def test_silent_and_saturated_units_are_told_from_the_others():
    # a unit without memory fires in every other step at a current of 1.5: each spike subtracts 1 from the next
    meter = measured(_Layer(), [torch.tensor([[0.0, 1.5, 3.0], [0.0, 0.0, 3.0]]), torch.tensor([[-1.0, 1.5, 9.0]])])
    assert meter.unit_rates()["units"].tolist() == pytest.approx([0, 4 / 12, 1])
    (entry,) = meter.activity().layers
    assert entry.layer == "units"
    assert [entry.firing_rate, entry.silent_share, entry.saturated_share] == pytest.approx([16 / 36, 1 / 3, 1 / 3])


def test_input_dependence_counts_rankings_and_spreads_logits():
    class Echo(nn.Module):
        def forward(self, logits):
            return logits

    logits = torch.tensor([[0.0, 1.0, 2.0], [0.0, 2.0, 4.0], [0.0, 3.0, 0.0], [0.0, 1.0, 2.0]])
    activity = measured(Echo(), [logits[:3], logits[3:]]).activity()
    assert activity.n_distinct == 2
    assert activity.same_share == 0.75
    assert activity.output_std == pytest.approx(sum(logits.numpy().std(axis=0)) / 3)
    assert not activity.ignores_input


def test_one_window_in_a_hundred_does_not_make_a_constant_depend_on_its_input():
    class Mostly(nn.Module):
        def forward(self, numbers):
            return torch.stack([(numbers == 0).float(), numbers < -1, numbers > 99], 1)

    rare = measured(Mostly(), [torch.arange(100.0)]).activity()
    assert (rare.n_distinct, rare.ignores_input) == (2, True)
    often = measured(Mostly(), [torch.arange(100.0) // 2]).activity()
    assert (often.n_distinct, often.ignores_input) == (2, False)


def test_logits_that_are_no_numbers_have_no_activity():
    class Broken(nn.Module):
        def forward(self, logits):
            return logits / 0

    assert measured(Broken(), [torch.zeros(2, 3)]).activity() is None


def test_the_activity_survives_its_logging():
    model = network(num_layers=2)
    activity = measured(model, [windows_of_events()]).activity()
    layers = [entry.layer for entry in activity.layers]
    assert NetworkActivity.from_logged(activity.logged() | {"val_loss": 0.1}, layers) == activity
    assert NetworkActivity.from_logged({"val_loss": 0.1}, layers) is None

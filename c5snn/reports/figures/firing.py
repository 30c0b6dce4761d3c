"""Firing rates of every spiking layer, with the dead, the saturated and the blind marked."""

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from c5snn.reports.figures.canvas import styled
from c5snn.reports.figures.palette import ACCENT, PAGE, WARNING
from c5snn.reports.figures.rows import MOST_ROWS, new_rows
from c5snn.reports.networks import Layer, Network

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["draw_firing"]

ALIVE, DEAD, SATURATED = "o", "X", "s"
SPREAD = 0.28


@styled
def draw_firing(networks: Sequence[Network], width: int) -> "Figure":
    """Draw a row for each configuration and a mark for each layer of each of its networks.

    Args:
        networks: Networks with spiking layers.
        width: Width in pixels.
    """
    labels = list(dict.fromkeys(network.label for network in networks))[:MOST_ROWS]
    of_label = {label: [network for network in networks if network.label == label] for label in labels}
    values = [_states(group) for group in of_label.values()]
    figure, axes = new_rows(labels, values, width, "spikes per unit and step")
    axes.set_xlim(-0.03, 1.03)
    for y, group in enumerate(of_label.values()):
        for i, network in enumerate(group):
            height = -y - 0.12 + SPREAD * (i - (len(group) - 1) / 2) / max(1, len(group) - 1)
            for layer in network.layers:
                colour = WARNING if network.state else ACCENT
                face = PAGE if network.ignores_input else colour
                axes.plot(
                    [layer.firing_rate], [height], _mark(layer), color=colour, ms=6, mfc=face, mew=1.3, clip_on=False
                )
    return figure


def _mark(layer: Layer) -> str:
    return {"alive": ALIVE, "dead": DEAD, "saturated": SATURATED}[layer.state]


def _states(group: Sequence[Network]) -> str:
    counts = Counter(network.state for network in group if network.state)
    return "; ".join(f"{n} of {len(group)}: {state}" for state, n in counts.most_common()) or "alive"

"""How alive a network was on validation, as lines in a terminal."""

from c5snn.records.activity import LayerActivity, NetworkActivity

__all__ = ["activity_lines", "layer_lines"]


def activity_lines(activity: NetworkActivity) -> list[str]:
    """Return a line per spiking layer, one for what they cost, and one for what the output makes of its input."""
    lines = layer_lines(activity)
    if activity.synaptic_operations is not None:
        lines.append(f"{activity.synaptic_operations:,.0f} synaptic operations per window")
    verdict = "the output ignores the input: " if activity.ignores_input else ""
    counted = f"distinct rankings on validation: {activity.distinct_rankings:,}"
    share = f"the commonest for {activity.same_ranking_share:.1%} of the windows"
    return [*lines, f"{verdict}{counted}, {share}; a part's logit varies by {activity.logit_std:.3g} over them"]


def layer_lines(activity: NetworkActivity) -> list[str]:
    """Return a line per spiking layer."""
    return [_layer_line(entry) for entry in activity.layers]


def _layer_line(entry: LayerActivity) -> str:
    health = "silent; " if entry.is_silent else "saturated; " if entry.is_saturated else ""
    shares = f"{entry.silent_share:.1%} of its units never fired, {entry.saturated_share:.1%} in every step"
    return f"layer {entry.layer} on validation: {health}firing rate {entry.firing_rate:.1%}, {shares}"

"""The elementwise part of a scan as plain loops, for numba to compile: every value is read once and written once.

Each sum is rounded as in ``_reference``: ``((β·U + I) + (V·S + b)) − θ·S``, no product fused with a sum. Arrays are
contiguous and of one dtype. Where a history is the same at all times, or a moment the same in all rows of a batch, its
first axis may have the length 1; a gradient that is missing is zeros of that kind. ``constants`` holds the threshold,
the scale of the surrogate and 1, which as a literal would be of another type.
"""

import numpy as np
from numpy.typing import NDArray

__all__ = ["integrate_all", "integrate_all_back", "integrate_step", "integrate_step_back"]

Array = NDArray[np.floating]

BLOCK = 4096  # units whose membranes and spikes of one step stay in a fast cache until the next


def integrate_step(
    step: int,
    current: Array,
    received: Array,
    bias: Array,
    first: Array,
    beta: Array,
    constants: Array,
    membranes: Array,
    spikes: Array,
) -> None:
    """Write one step of a recurrent layer into ``membranes`` and ``spikes``, and b into ``received`` for the next.

    Args:
        step: Which one, from 0.
        current: I over time.
        received: What the spikes of the step before add: ``V·S + b``.
        bias: b of each unit.
        first: Membrane and spikes before step 0.
        beta: β of each unit.
        constants: Threshold, scale, 1.
        membranes: U over time.
        spikes: S over time.
    """
    threshold = constants[0]
    moment = min(step, current.shape[0] - 1)
    for row in range(membranes.shape[1]):
        start = min(row, first.shape[1] - 1)
        for unit in range(membranes.shape[2]):
            if step > 0:
                membrane = membranes[step - 1, row, unit]
                spike = spikes[step - 1, row, unit]
            else:
                membrane = first[0, start, unit]
                spike = first[1, start, unit]
            decayed = beta[unit] * membrane + current[moment, row, unit]
            membrane = decayed + received[row, unit] - threshold * spike
            received[row, unit] = bias[unit]
            membranes[step, row, unit] = membrane
            spikes[step, row, unit] = membrane > threshold


def integrate_all(current: Array, first: Array, beta: Array, constants: Array, membranes: Array, spikes: Array) -> None:
    """Write all steps of a layer without recurrence into ``membranes`` and ``spikes``; arguments as above."""
    threshold = constants[0]
    n_steps, n_rows, n_units = membranes.shape
    height = max(1, BLOCK // max(n_units, 1))
    for top in range(0, n_rows, height):
        for step in range(n_steps):
            moment = min(step, current.shape[0] - 1)
            for row in range(top, min(top + height, n_rows)):
                start = min(row, first.shape[1] - 1)
                for unit in range(n_units):
                    if step > 0:
                        membrane = membranes[step - 1, row, unit]
                        spike = spikes[step - 1, row, unit]
                    else:
                        membrane = first[0, start, unit]
                        spike = first[1, start, unit]
                    membrane = beta[unit] * membrane + current[moment, row, unit] - threshold * spike
                    membranes[step, row, unit] = membrane
                    spikes[step, row, unit] = membrane > threshold


def integrate_step_back(
    step: int,
    membranes: Array,
    later_membrane: Array,
    later_spikes: Array,
    outer_membranes: Array,
    outer_spikes: Array,
    beta: Array,
    constants: Array,
    is_fast_sigmoid: bool,
    gradients: Array,
) -> None:
    """Write ``∂L/∂U`` of one step of a recurrent layer into ``gradients``.

    Args:
        step: Which one, the last first.
        membranes: U over time.
        later_membrane: ``∂L/∂U`` from outside at the state that the scan ends in.
        later_spikes: ``∂L/∂S`` through the step after: ``Vᵀ·∂L/∂U``, or from outside at the last state.
        outer_membranes: ``∂L/∂U`` from outside, over time.
        outer_spikes: ``∂L/∂S`` from outside, over time.
        beta: β of each unit.
        constants: Threshold, scale, 1.
        is_fast_sigmoid: Which curve: this one or ``atan``.
        gradients: ``∂L/∂U`` over time; that of the step after is read.
    """
    threshold, scale, one = constants[0], constants[1], constants[2]
    is_last = step == membranes.shape[0] - 1
    membrane_moment = min(step, outer_membranes.shape[0] - 1)
    spike_moment = min(step, outer_spikes.shape[0] - 1)
    for row in range(membranes.shape[1]):
        later_row = min(row, later_membrane.shape[0] - 1)
        sender = min(row, later_spikes.shape[0] - 1)
        membrane_row = min(row, outer_membranes.shape[1] - 1)
        spike_row = min(row, outer_spikes.shape[1] - 1)
        for unit in range(membranes.shape[2]):
            to_membrane = later_membrane[later_row, unit] if is_last else beta[unit] * gradients[step + 1, row, unit]
            to_membrane = to_membrane + outer_membranes[membrane_moment, membrane_row, unit]
            to_spikes = later_spikes[sender, unit] + outer_spikes[spike_moment, spike_row, unit]
            distance = abs(membranes[step, row, unit] - threshold) * scale
            above = one + distance
            steepness = above * above if is_fast_sigmoid else one + distance * distance
            gradients[step, row, unit] = to_spikes * (one / steepness) + to_membrane


def integrate_all_back(
    membranes: Array,
    later_membrane: Array,
    later_spikes: Array,
    outer_membranes: Array,
    outer_spikes: Array,
    beta: Array,
    constants: Array,
    is_fast_sigmoid: bool,
    gradients: Array,
) -> None:
    """Write ``∂L/∂U`` of all steps of a layer without recurrence into ``gradients``; arguments as above."""
    threshold, scale, one = constants[0], constants[1], constants[2]
    n_steps, n_rows, n_units = membranes.shape
    height = max(1, BLOCK // max(n_units, 1))
    for top in range(0, n_rows, height):
        for step in range(n_steps - 1, -1, -1):
            is_last = step == n_steps - 1
            membrane_moment = min(step, outer_membranes.shape[0] - 1)
            spike_moment = min(step, outer_spikes.shape[0] - 1)
            for row in range(top, min(top + height, n_rows)):
                later_row = min(row, later_membrane.shape[0] - 1)
                sender = min(row, later_spikes.shape[0] - 1)
                membrane_row = min(row, outer_membranes.shape[1] - 1)
                spike_row = min(row, outer_spikes.shape[1] - 1)
                for unit in range(n_units):
                    to_spikes = outer_spikes[spike_moment, spike_row, unit]
                    if is_last:
                        to_membrane = later_membrane[later_row, unit]
                        to_spikes = later_spikes[sender, unit] + to_spikes
                    else:
                        to_membrane = beta[unit] * gradients[step + 1, row, unit]
                    to_membrane = to_membrane + outer_membranes[membrane_moment, membrane_row, unit]
                    distance = abs(membranes[step, row, unit] - threshold) * scale
                    above = one + distance
                    steepness = above * above if is_fast_sigmoid else one + distance * distance
                    gradients[step, row, unit] = to_spikes * (one / steepness) + to_membrane

"""Scans of leaky integrate-and-fire layers over time: check the arguments, pick the implementation, call it.

``U_t = β·U_{t−1} + I_t − θ·R_t`` with ``R_t = H(U_{t−1} − θ)`` one step late and detached, ``S_t = H(U_t − θ)``.
There is one meaning and there are three implementations of it; which one runs changes no spike and no membrane, and
between ``fused`` and ``compiled`` no gradient.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor

from c5snn.errors import ConfigError
from c5snn.ops import _compiled, _fused, _reference
from c5snn.ops._backpropagation import differentiable_scan
from c5snn.ops._compiler import numba_is_installed
from c5snn.ops.scan import Dynamics, Recurrence, Scan, State
from c5snn.ops.surrogates import Surrogate

__all__ = ["Implementation", "scan_lif", "scan_recurrent_lif", "use"]

Implementation = Literal["reference", "fused", "compiled"]

_chosen: ContextVar[Implementation | None] = ContextVar("implementation", default=None)


@contextmanager
def use(implementation: Implementation) -> Iterator[None]:
    """Run every scan inside the block by this implementation; for tests and benchmarks.

    Outside of such blocks ``compiled`` runs what is float32 and on the processor, if numba is installed, ``fused`` all
    else. Other threads are not affected.

    Args:
        implementation: Which one. ``compiled`` takes float32 and float64 on the processor and named surrogates.
    """
    token = _chosen.set(implementation)
    try:
        yield
    finally:
        _chosen.reset(token)


def scan_lif(
    current: Float[Tensor, "time batch units"],
    beta: float | Tensor,
    *,
    surrogate: Surrogate,
    state: State | None = None,
    threshold: float = 1.0,
) -> Scan:
    """Return the scan of a layer whose units do not see one another.

    >>> import torch
    >>> from c5snn.ops import named_surrogate
    >>> scan = scan_lif(torch.full((5, 1, 1), 0.3), 0.9, surrogate=named_surrogate("fast_sigmoid"))
    >>> scan.membranes.flatten()
    tensor([0.3000, 0.5700, 0.8130, 1.0317, 0.2285])
    >>> scan.spikes.flatten()
    tensor([0., 0., 0., 1., 0.])

    Args:
        current: Input currents I, oldest first.
        beta: Decay β of the membrane per step, one for all units or one for each. Values beyond [0, 1] count as the
            nearer end, where they have no gradient, as in snnTorch.
        surrogate: How the units fire, and the slope of that.
        state: Where the layer starts; None is at rest (membranes 0, no spikes).
        threshold: θ, the membrane above which a unit fires and which a spike subtracts.

    Raises:
        ConfigError: Shapes or dtypes do not fit.
    """
    return _scan(current, state, _dynamics(current, beta, surrogate, threshold), None)


def scan_recurrent_lif(
    current: Float[Tensor, "time batch units"],
    beta: float | Tensor,
    *,
    weight: Tensor,
    bias: Tensor,
    surrogate: Surrogate,
    state: State | None = None,
    threshold: float = 1.0,
) -> Scan:
    """Return the scan of a layer whose spikes return to it one step later: ``I_t`` becomes ``I_t + V·S_{t−1} + b``.

    Args:
        current: Input currents I, oldest first.
        beta: Decay β of the membrane per step, as in ``scan_lif``.
        weight: V; row i holds what unit i receives from each unit.
        bias: b, one for each unit.
        surrogate: How the units fire, and the slope of that.
        state: Where the layer starts; None is at rest (membranes 0, no spikes).
        threshold: θ, the membrane above which a unit fires and which a spike subtracts.

    Raises:
        ConfigError: Shapes or dtypes do not fit.
    """
    units = current.shape[-1]
    _require_fit(current, "weight", weight, [(units, units)])
    _require_fit(current, "bias", bias, [(units,)])
    return _scan(current, state, _dynamics(current, beta, surrogate, threshold), Recurrence(weight, bias))


def _dynamics(current: Tensor, beta: float | Tensor, surrogate: Surrogate, threshold: float) -> Dynamics:
    decay = beta if isinstance(beta, Tensor) else current.new_full((), beta)
    _require_fit(current, "beta", decay, [(), (current.shape[-1],)])
    return Dynamics(decay.clamp(0, 1), threshold, surrogate)


def _scan(current: Tensor, state: State | None, dynamics: Dynamics, recurrence: Recurrence | None) -> Scan:
    if current.ndim != 3 or len(current) == 0:  # noqa: PLR2004  # (time, batch, units)
        raise ConfigError(
            "`current.shape == (time, batch, units)` and `time >= 1` must hold, "
            f"but got current.shape={tuple(current.shape)}."
        )
    for name, tensor in state._asdict().items() if state else ():
        _require_fit(current, f"state.{name}", tensor, [tuple(current.shape[1:])])
    match _chosen.get() or _usual(current, dynamics):
        case "compiled":
            _require_compilable(current, dynamics)
            return differentiable_scan(current, state, dynamics=dynamics, recurrence=recurrence, loops=_compiled)
        case "fused":
            return differentiable_scan(current, state, dynamics=dynamics, recurrence=recurrence, loops=_fused)
        case "reference":
            return _reference.integrate(current, state, dynamics=dynamics, recurrence=recurrence)


def _usual(current: Tensor, dynamics: Dynamics) -> Implementation:
    is_plain = current.device.type == "cpu" and current.dtype == torch.float32
    return "compiled" if is_plain and dynamics.surrogate.curve and numba_is_installed() else "fused"


def _require_compilable(current: Tensor, dynamics: Dynamics) -> None:
    """Refuse what only a block of ``use`` can have sent here."""
    if not numba_is_installed():
        raise ConfigError("Compiled scans need numba; `pip install 'c5snn[fast]'` installs it.")
    rule = {
        "current.device.type == 'cpu'": current.device.type == "cpu",
        "current.dtype in (float32, float64)": current.dtype in (torch.float32, torch.float64),
        "surrogate.curve is not None": dynamics.surrogate.curve is not None,
    }
    broken = [f"`{condition}`" for condition, holds in rule.items() if not holds]
    if broken:
        raise ConfigError(
            f"{' and '.join(broken)} must hold for compiled scans, but got a current of {current.dtype} on "
            f"{current.device} and {dynamics.surrogate}; `use('fused')` takes any."
        )


def _require_fit(current: Tensor, name: str, tensor: Tensor, shapes: list[tuple[int, ...]]) -> None:
    if tuple(tensor.shape) not in shapes:
        allowed = " or ".join(str(shape) for shape in shapes)
        raise ConfigError(
            f"`{name}.shape == {allowed}` must hold for current.shape={tuple(current.shape)}, "
            f"but got {name}.shape={tuple(tensor.shape)}."
        )
    if tensor.dtype != current.dtype:
        raise ConfigError(
            f"`{name}.dtype == current.dtype` must hold, but got {name}.dtype={tensor.dtype}, "
            f"current.dtype={current.dtype}."
        )

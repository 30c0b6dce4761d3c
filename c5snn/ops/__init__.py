"""Pure functions on tensors: no weights, no modules, no Lightning."""

from c5snn.ops.lif import Implementation, lif, recurrent_lif, use
from c5snn.ops.scan import Scan, State
from c5snn.ops.surrogate import Surrogate, SurrogateName, atan_slope, fast_sigmoid_slope, heaviside, surrogate

__all__ = [
    "Implementation",
    "Scan",
    "State",
    "Surrogate",
    "SurrogateName",
    "atan_slope",
    "fast_sigmoid_slope",
    "heaviside",
    "lif",
    "recurrent_lif",
    "surrogate",
    "use",
]

"""Pure functions on tensors: no weights, no modules, no Lightning."""

from c5snn.ops._compiler import prepare_scans
from c5snn.ops.neurons import Implementation, scan_lif, scan_recurrent_lif, use
from c5snn.ops.scan import Scan, State
from c5snn.ops.surrogates import Surrogate, SurrogateName, heaviside, named_surrogate

__all__ = [
    "Implementation",
    "Scan",
    "State",
    "Surrogate",
    "SurrogateName",
    "heaviside",
    "named_surrogate",
    "prepare_scans",
    "scan_lif",
    "scan_recurrent_lif",
    "use",
]

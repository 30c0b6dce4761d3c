"""Whether c5snn's own p-values and powers are what they say: ``python -m calibration``, or ``make calibrate``."""

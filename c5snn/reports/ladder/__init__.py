"""The signal ladder: how much of each planted signal every model learns, beside the baselines."""

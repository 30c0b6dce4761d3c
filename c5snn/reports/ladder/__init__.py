"""The signal ladder: how much of planted signals each model learns, beside the floors that need no network."""

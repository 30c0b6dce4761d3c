"""Topics of a search's report: its history, what matters, slices, pairs, parallel coordinates, timeline, two searches."""

"""Topics of a search's report: history, importances, slices, pairs, parallel coordinates, timeline, two searches."""

"""What a finished search says: directions, importances, elites, the next space; no torch."""

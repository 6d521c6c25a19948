"""How far scores can be believed: figures with intervals, for whom and when they hold, drift, leaks."""

"""Intent from tables with a label, without a graph."""

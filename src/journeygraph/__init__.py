"""JourneyGraph: customer journeys as a graph, where every number carries the Cypher that reproduces it."""

__version__ = "0.1.0"

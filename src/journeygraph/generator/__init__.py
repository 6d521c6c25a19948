"""A made-up omnichannel shop: touchpoints from a seed, with planted gaps and the truth about them."""

from journeygraph.generator.files import Written, write
from journeygraph.generator.simulate import Simulation, simulate
from journeygraph.generator.truth import Truth

__all__ = ["Simulation", "Truth", "Written", "simulate", "write"]

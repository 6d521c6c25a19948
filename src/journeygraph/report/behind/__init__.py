"""The tables that pictures are drawn from, one a file: counted on the journeys, each with its statement."""

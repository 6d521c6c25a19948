"""The likeliest next touchpoints, by what followed the same last steps in other journeys."""

"""Read one source into touchpoints; a file for each source."""

"""Privacy: what is held about a person, erasing it for good, and who looked."""

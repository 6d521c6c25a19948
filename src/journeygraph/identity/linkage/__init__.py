"""Which records of a table are one person: a Fellegi-Sunter model learnt without labels, then clusters."""

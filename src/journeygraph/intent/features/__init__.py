"""What was known of a customer at an instant, as numbers: all that a score may look at."""

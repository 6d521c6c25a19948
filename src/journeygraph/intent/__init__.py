"""What customers are about to do: patterns before an outcome, engagement, and a calibrated probability."""

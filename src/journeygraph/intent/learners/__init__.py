"""How models are learned, applied with numpy alone, calibrated, and chosen among."""

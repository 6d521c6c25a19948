"""Trained models: what they are, how they are trained, compared, kept, told of, and trained again."""

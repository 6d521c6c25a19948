"""Patterns that mean something: which go with an outcome, how surely, and what they add."""

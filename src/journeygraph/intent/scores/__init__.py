"""Scores of customers and of running sessions, with their reasons; engagement and what moved it."""

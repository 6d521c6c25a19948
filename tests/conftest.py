"""Shared fixtures: a real Neo4j for the tests marked `graph`, emptied before each of them."""

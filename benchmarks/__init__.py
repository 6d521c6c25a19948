"""Measurements, each a module that runs by itself: `python -m benchmarks.driver --customers 4000`.

`python -m benchmarks` runs all of them and writes the tables of docs/benchmarks.md.  Every one starts a managed
Neo4j in a folder of its own and removes it; the graph of `NEO4J_URI` is never touched.
"""

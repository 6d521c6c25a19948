"""Loops that numpy has no vectorised way for, compiled by numba; only `gaps.compiled` imports the modules.

Each has a plain counterpart that says the same, number by number, and works where numba or its compiler is not.
"""

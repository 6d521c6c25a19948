"""The composition root: commands, nothing else."""

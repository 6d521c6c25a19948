"""Frequent sequential patterns of sequences of items: `miner.mine` over exchangeable engines, no graph needed."""

"""What the data are worth: contracts, sources, a dictionary with lineage, quality, and whether totals agree.

contracts   what each source's columns were, version by version
inventory   every source with its freshness, granularity, completeness and measured ratings
lineage     file, line, mapping and contract of one touchpoint
dictionary  every property with its meaning, how filled it is, and where it came from
totals      a source's own totals against what the graph holds
stages      whether the counts agree between every two stages
"""

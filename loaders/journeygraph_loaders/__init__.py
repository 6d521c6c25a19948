"""Files -> validated rows -> graph; a file for each source.

files      PATHs and globs -> opened files (gzip, zstd), format by content
csv_file, jsonl_file, parquet_file    one file -> `Chunk`s: raw columns with the physical line of every row
sources    documented formats of other systems, one file each, recognised by content
bombs      packed files that unpack to far too much are refused
mapping    the YAML that says which column is what, and which raw event is which step
columns, times, validation            a chunk -> `Row`s, and bad rows with line, column, value and reason
reading    all of these: `touchpoints(paths, options, quarantine) -> Iterator[list[Row]]`
quarantine where bad rows wait for a mended mapping
pipeline   rows -> graph through the driver;  `bulk` does it through Neo4j's import tool
"""

"""The report: one page with every finding, its evidence, its picture and its Cypher, and the same as JSON, Markdown, CSV."""

"""Pictures as geometry, one a file; the templates draw them, so every text in them is escaped like any other."""

"""What the page and the Markdown show, in words and in order: plain values made of a `Report`, one file a section."""

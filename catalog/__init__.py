"""The mirror of Glue, the data products made of it, and the search over both."""

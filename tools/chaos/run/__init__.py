"""Parts side by side, one part shared by processes, and how much each does."""

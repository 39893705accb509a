"""Detects personal data in columns by their name and by sampled values. Pure. `detector` loads large libraries: workers import it, the web does not."""

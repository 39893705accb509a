"""A person's requests: list, progress, comments, changes, withdrawal, take-over."""

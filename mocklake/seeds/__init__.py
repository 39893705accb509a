"""Worlds to begin with: YAML files, or a Python module of the caller's own with `apply(world)`."""

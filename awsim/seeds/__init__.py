"""Worlds to begin with: each package has `apply(world)`, chosen by `--seed`."""

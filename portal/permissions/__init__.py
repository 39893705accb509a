"""The permissions of a catalog in AWS: list, adopt, remove, mark as known."""

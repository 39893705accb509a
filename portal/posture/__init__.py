"""The state of the mesh for those who govern it."""

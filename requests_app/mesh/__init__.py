"""Reports about the mesh that need requests and grants, each in the extent of the person who reads it."""

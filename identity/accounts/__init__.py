"""AWS accounts of the mesh, connected catalogs, principals and local groups."""

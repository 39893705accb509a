"""What account admins pass on of a grant to local groups."""

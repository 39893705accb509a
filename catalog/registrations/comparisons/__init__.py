"""Whether registered tables give the same rows as their sources: requested by rows, told by workers."""

"""The page on which an item is approved, approved with changes, returned or rejected."""

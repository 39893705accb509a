"""Access requests, their review, and the grants that follow from them."""

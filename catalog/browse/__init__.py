"""The product page, the table page and the tree, as ready values."""

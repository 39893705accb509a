"""Values for the product page, the table page and the tree."""

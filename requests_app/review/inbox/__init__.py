"""Items that wait for a person, with filters, order, pages and counts."""

"""By what a search orders what it found: one number a reason. Changed here, they change every search.

The order is that of a product of two: how well the words fit, and one plus what speaks for the thing itself.
Judged queries hold the outcome (`tests/catalog/relevance`).
"""

NAME, WRITTEN, PARTS = 1.0, 0.4, 0.15
"""A word in the name; in what people wrote about it; in what it consists of, as a column's name."""
OTHERWISE = 0.05
"""A word of no weight; there is none yet."""
ENDORSED = {"gold": 0.10, "silver": 0.05}
"""What a domain made for others speaks for itself: by tier."""
COMPLETE = 0.05
"""All that its owner should tell is told; in proportion."""
OWN_DOMAIN = 0.10
"""It is of a domain of one of the person's teams."""
MOST_READ = 1000
"""With more matches than this it is their names alone that are compared: the rest lies out of line."""

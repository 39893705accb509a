"""Why somebody sees a column, or does not: who may ask, and what rows tell of it."""

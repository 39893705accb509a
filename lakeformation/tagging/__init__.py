"""Changes of LF-Tags: what is assigned, what follows from it, and the calls that lead there."""

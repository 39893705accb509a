"""Who of those who may decide has taken a decision on, and what is said about it."""

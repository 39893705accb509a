"""Numbers over time: requests, decisions, grants and drift."""

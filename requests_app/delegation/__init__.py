"""Decisions passed to a colleague for a while: who, for whom, from when until when."""

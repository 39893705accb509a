"""Notices: what an event of the record tells to whom, on which channel, and when."""

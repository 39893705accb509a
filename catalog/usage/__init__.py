"""Last uses read from CloudTrail, and how many teams use what."""

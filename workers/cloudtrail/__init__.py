"""CloudTrail: log files that tell who used what, and events that make a scope due."""

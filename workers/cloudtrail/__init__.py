"""CloudTrail: reads last use from log files, and wakes scopes on events."""

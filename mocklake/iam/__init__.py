"""Who calls, and what identity and resource policies allow."""

"""What is read of a connected account: check-ups, IAM principals, queries as a role."""

"""Publication rules: what they ask for, what they would change, and exceptions."""

"""What an account's set-up lacks."""

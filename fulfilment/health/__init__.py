"""The state of the scopes and the calls an hour."""

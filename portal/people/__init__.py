"""The pages of a person, a team and a domain."""

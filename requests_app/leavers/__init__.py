"""Requests and grants of people who have left, and who takes them over."""

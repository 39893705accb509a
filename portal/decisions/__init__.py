"""Pages and API of what every kind of decision has: approve, reject, withdraw, end."""

"""What an approval makes true: its effects, its widening, its calls and the quotas it uses."""

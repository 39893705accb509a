"""From the desired state to the ordered calls that lead there."""

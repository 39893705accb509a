"""Usage and cost by product and team."""

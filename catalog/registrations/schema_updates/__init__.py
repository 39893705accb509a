"""Changes of a producer's table that are carried into the governance catalog."""

"""Registration of a producer's table in the governance catalog."""

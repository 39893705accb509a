"""Write access of a producer's roles to the tables of its own domain: requested, decided, ended."""

"""How far a grant is proven, what it still needs in AWS, and test queries as its role."""

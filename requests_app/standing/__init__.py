"""How a grant stands: how far it is proven, and what else must be so before the permission is of use."""

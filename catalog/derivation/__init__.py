"""Data products made from data of others: the lowest class they may have, and whether they may be passed on."""

"""Break-glass: access for hours, on a consent that the domain's owner gave ahead and on two people's names."""

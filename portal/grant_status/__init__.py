"""How a grant stands in AWS, by levels of proof."""

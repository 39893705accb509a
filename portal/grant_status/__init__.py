"""The status of a grant in AWS, by levels of proof."""

"""What a person follows."""

"""What an approval would change, from rows alone."""

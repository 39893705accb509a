"""What one approved request wants to be true."""

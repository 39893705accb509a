"""What one complete reading of AWS is made of."""

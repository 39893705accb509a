"""What the pretend AWS takes, beside bare moto."""

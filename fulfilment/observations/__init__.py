"""What was last read in AWS: permissions, filters, opt-ins, locations; how old it is."""

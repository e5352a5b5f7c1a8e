"""Random programs, which must have the same outcomes on two modules."""

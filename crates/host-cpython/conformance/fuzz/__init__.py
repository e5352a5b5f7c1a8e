"""Random programs, played on two modules that must not be told apart."""

"""Training of the bundled language identifier."""

"""The search for auxiliary points."""

"""Training a policy or a reward model on records."""

"""The stories: one-off training, rounds of improvement, the prover that teaches itself."""

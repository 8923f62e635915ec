"""Trained models that are part of the package: `proposer`, which proposes auxiliary points, with its card."""

"""Geometry: language, diagrams, engine, proofs, kernel."""

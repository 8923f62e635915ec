"""GeoGebra files, read as problems and written from problems and proofs."""

"""The symbolic engine: figures, matching, tables of linear equations, and what follows."""

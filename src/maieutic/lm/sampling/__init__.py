"""Writing: token by token, by chance or by the best beams."""

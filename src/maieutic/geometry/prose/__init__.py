"""A proof as prose: the narrative that a contestant would write, as text, Markdown, LaTeX, JSON."""

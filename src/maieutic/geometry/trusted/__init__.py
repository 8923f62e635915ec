"""What a verdict rests on: statements, rules, figures in balls, and the kernel. It imports itself and core."""

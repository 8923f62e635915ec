"""The world of instructions: prompts of a file, answers of models, and verdicts of any judge."""

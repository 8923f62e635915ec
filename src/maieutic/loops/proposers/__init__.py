"""Who proposes auxiliary points: models, figures, servers."""

"""From a closure to a proof: extraction, certificates, minimising, files, and the verdict."""

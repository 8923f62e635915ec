"""The learning core, and the only room that imports torch: policies, losses, training, sampling."""

"""The deep-learning core of the playground: torch in, tensors and frames out, nothing on screen."""

"""The lessons on how a model learns: descent, regression, softmax, images, activations, optimisers, generalisation."""

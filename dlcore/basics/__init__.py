"""The lessons before the first network: tensors, data, linear algebra, probability, autograd."""

"""The network and how it is trained: model, activations, optimizers, engine, plain loop, CUDA graph, device."""

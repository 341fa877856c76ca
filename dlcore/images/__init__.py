"""Image data: the digits that scikit-learn brings, and Fashion-MNIST by download."""

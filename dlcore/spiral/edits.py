"""Changes made by hand to a trained network: units switched off, weights and biases set to other values."""

from __future__ import annotations

from dataclasses import dataclass, field

from dlcore.network.passes import Network

Unit = tuple[int, int]  # the index of a hidden layer, from 0, and of a unit in it
Weight = tuple[int, int, int]  # the index of a layer, from 0, of a unit in it and of its input; the last is the bias


@dataclass
class Edits:
    """The changes to a network; :meth:`apply` leaves the network itself as it is."""

    off: set[Unit] = field(default_factory=set)
    weights: dict[Weight, float] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.off or self.weights)

    def apply(self, network: Network) -> Network:
        """Return the network with the changes, or ``network`` itself without any.

        A unit is switched off by zeros in place of its outgoing weights, which is what an output of 0 would do.
        """
        if not self:
            return network
        edited = network.at(network.theta)
        for (layer, unit, source), value in self.weights.items():
            edited.W[layer][unit, source] = value
        for layer, unit in self.off:
            edited.W[layer + 1][:, unit] = 0
        return edited

    def clear(self) -> None:
        """Undo all changes."""
        self.off.clear()
        self.weights.clear()

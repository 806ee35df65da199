"""Ranvier: simulator of spiking neural networks and event-camera input."""

from ranvier._core import __version__, neuron_models

__all__ = ["__version__", "neuron_models"]

"""`import pyNN.ranvier as sim`: the backend ranvier.pynn under the name by which PyNN's scripts ask for it."""

import sys

import ranvier.pynn

sys.modules[__name__] = ranvier.pynn

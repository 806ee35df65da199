__version__: str

def neuron_models() -> list[str]:
    """Names of the neuron models of this build, sorted."""

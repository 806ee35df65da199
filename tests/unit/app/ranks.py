"""Starting the program on MPI ranks."""


def launcher(ranks):
    """The words before the program's. Open MPI leaks by itself, so a sanitizer does not look for leaks on ranks."""
    return ["mpirun", "-n", str(ranks), "-x", "ASAN_OPTIONS=detect_leaks=0"] if ranks else []

"""What of this machine is there to be used: cores and memory, within the limits that were set."""


def usable_cores() -> int:
    """Number of cores that this process may use.

    That are no more than the system lets it run on (a batch system, ``taskset``), nor than the
    quota of its container.
    """
    from dask.system import cpu_count

    return cpu_count()


def available_memory_GB() -> float:
    """Memory that is free to be used, within the limit of this process's container."""
    import psutil
    from distributed.system import memory_limit

    return min(psutil.virtual_memory().available, memory_limit()) / 1e9

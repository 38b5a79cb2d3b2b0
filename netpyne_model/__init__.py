"""CA1 pyramidal place cell (Hsu, Zhao, Milstein & Spruston 2018) in NeuroML2 and NetPyNE.

>>> import netpyne_model as ca1
>>> step = ca1.Protocol(duration_ms=300, stimuli=[ca1.CurrentClamp(amplitude_nA=0.1, start_ms=100)])
>>> control, reduced = ca1.Cell(), ca1.Cell().with_rule("trunk", "nas.gbar", factor=0.5)
>>> figure = ca1.plot({"control": step.run(control), "less Na on the trunk": step.run(reduced)})

The public names stand in ``__init__.pyi``; each is imported when it is first used.
"""

import sys

if sys.version_info < (3, 10):  # noqa: UP036  # a clone is imported without pip, which would say so
    found = sys.version.split()[0]
    raise ImportError(f"netpyne_model: Python {found}; expected 3.10 or newer, so run it with one.")

__version__ = "0.1.0"


def __getattr__(name: str) -> object:
    # Imported here: a command has to see to Ctrl-C before it imports what takes a while.
    import lazy_loader

    from .errors import did_you_mean

    import_name, _, public = lazy_loader.attach_stub(__name__, __file__)
    if name == "__all__":
        return public
    if name not in public:
        meant = "" if name.startswith("_") else did_you_mean(name, public)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}.{meant}")
    found = globals()[name] = import_name(name)
    return found


def __dir__() -> list[str]:
    return sorted(__getattr__("__all__"))

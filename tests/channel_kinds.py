"""Mod files in the ways in which people write them: each a potassium or a cation channel of known steady state."""

import numpy as np

_UNITS = "UNITS { (mV) = (millivolt) (mA) = (milliamp) (S) = (siemens) (mM) = (milli/liter) }\n"
_K = _UNITS + "PARAMETER { gbar = 0 (S/cm2) }\n"
_NEURON = "NEURON { SUFFIX own USEION k READ ek WRITE ik RANGE gbar }\n"
_ASSIGNED = "ASSIGNED { v (mV) ek (mV) ik (mA/cm2) inf tau (ms) }\n"
_RATES = "PROCEDURE rates(v) { inf = 1/(1 + exp(-(v + 50)/9)) tau = 4 }\n"
_STATES = "DERIVATIVE go { rates(v) n' = (inf - n)/tau }\n"
_INITIAL = "INITIAL { rates(v) n = inf }\n"
_STATE = "STATE { n }\n"
_USUAL = _STATE + _INITIAL + _STATES + _RATES


def _solved(method: str) -> str:
    return f"BREAKPOINT {{ SOLVE go METHOD {method} ik = gbar*n*(v - ek) }}\n"


KINDS = {
    "array of states, kinetic": _NEURON
    + _K
    + _ASSIGNED
    + "STATE { c[2] n }\n"
    + "BREAKPOINT { SOLVE go METHOD sparse ik = gbar*n*(v - ek) }\n"
    + "INITIAL { SOLVE go STEADYSTATE sparse }\n"
    + "KINETIC go { rates(v) ~ c[0] <-> c[1] (1, 1) ~ c[1] <-> n (inf, (1 - inf)/2)\n"
    + "  CONSERVE c[0] + c[1] + n = 1 }\n"
    + _RATES,
    "table": _NEURON
    + _K
    + _ASSIGNED
    + _solved("cnexp")
    + _STATE
    + _INITIAL
    + _STATES
    + "PROCEDURE rates(v (mV)) { TABLE inf, tau DEPEND celsius FROM -120 TO 80 WITH 2000\n"
    + "  inf = 1/(1 + exp(-(v + 50)/9)) tau = 4 }\n",
    "derivimplicit": _NEURON + _K + _ASSIGNED + _solved("derivimplicit") + _USUAL,
    "euler": _NEURON + _K + _ASSIGNED + _solved("euler") + _USUAL,
    "procedure that is solved": _NEURON.replace("RANGE", "RANGE nexp,")
    + _K
    + _ASSIGNED.replace("tau", "nexp tau")
    + _STATE
    + _INITIAL
    + "BREAKPOINT { SOLVE go ik = gbar*n*(v - ek) }\n"
    + "PROCEDURE go() { rates(v) nexp = 1 - exp(-dt/tau) n = n + nexp*(inf - n)\n"
    + "VERBATIM\n return 0;\nENDVERBATIM\n}\n"
    + "PROCEDURE rates(v) { LOCAL x UNITSOFF x = -(v + 50)/9 inf = 1/(1 + exp(x)) tau = 4"
    + " UNITSON }\n",
    "constants, a local, DEFINE": "DEFINE HALF -50\n"
    + _NEURON
    + _UNITS
    + "CONSTANT { slope = 9 (mV) }\nPARAMETER { gbar = 0 (S/cm2) }\nLOCAL x\n"
    + _ASSIGNED
    + _solved("cnexp")
    + _STATE
    + _INITIAL
    + _STATES
    + "PROCEDURE rates(v) { x = -(v + 50)/slope inf = 1/(1 + exp(x)) tau = 4 }\n",
    "other words": "TITLE Kanal für K+ \xb5 {\nINDEPENDENT { t FROM 0 TO 1 WITH 1 (ms) }\n"
    + "COMMENT ü { SUFFIX no POINTER x }\nENDCOMMENT\n"
    + "NEURON {\r\n\tTHREADSAFE\r\n\tSUFFIX own : own\r\n\tUSEION k READ ek, ki WRITE ik\r\n"
    + "\tRANGE Gbar, GK ? both\r\n\tGLOBAL inf, tau\r\n}\r\n"
    + "UNITS { (mV)=(millivolt) (mA)=(milliamp) (pS)=(picosiemens) (um)=(micron) }\r\n"
    + "PARAMETER { Gbar = 2.5 (pS/um2) <0, 1e9> celsius (degC) dt (ms) v (mV) }\r\n"
    + "ASSIGNED { ek (mV) ki (mM) ik (mA/cm2) inf tau (ms) GK (pS/um2) }\r\n"
    + "BREAKPOINT { SOLVE go METHOD cnexp GK = Gbar*n ik = (1e-4)*GK*(v - ek) }\r\n"
    + _USUAL.replace("\n", "\r\n"),
    "name of a mechanism of NEURON": _NEURON.replace("own", "hh")
    + _K
    + _ASSIGNED
    + _solved("cnexp")
    + _USUAL,
    "exp far out": _NEURON
    + _K
    + _ASSIGNED
    + _solved("cnexp")
    + _STATE
    + _INITIAL
    + _STATES
    # Beyond 709 exp() is inf, and inf/inf nothing: NEURON's own stays finite.
    + "PROCEDURE rates(v) { LOCAL far far = exp(800 + v)\n"
    + "  inf = far/far/(1 + exp(-(v + 50)/9)) tau = 4 }\n",
}
"""Mod files of a potassium channel that opens as 1/(1 + exp(-(v + 50 mV)/9 mV))."""

CATIONS = {
    "hcn as an ion": "NEURON { SUFFIX own USEION hcn READ ehcn WRITE ihcn VALENCE 1 RANGE gbar }\n"
    + _K
    + "ASSIGNED { v (mV) ehcn (mV) ihcn (mA/cm2) }\nBREAKPOINT { ihcn = gbar*(v - ehcn) }\n",
    "h as an ion, its potential no RANGE": "NEURON { SUFFIX own USEION h WRITE ih VALENCE 1"
    + " RANGE gbar }\n"
    + _UNITS
    + "PARAMETER { gbar = 0 (S/cm2) eh = 7 (mV) }\nASSIGNED { v (mV) ih (mA/cm2) }\n"
    + "BREAKPOINT { ih = gbar*(v - eh) }\n",
    "GLOBAL potential": "NEURON { SUFFIX own NONSPECIFIC_CURRENT i_own RANGE gbar GLOBAL erev }\n"
    + _UNITS
    + "PARAMETER { gbar = 0 (S/cm2) erev = 7 (mV) }\nASSIGNED { v (mV) i_own (mA/cm2) }\n"
    + "BREAKPOINT { i_own = gbar*(v - erev) }\n",
}
"""Mod files of a conductance without gates, with a reversal potential that a cell gives."""

NUMBER = (
    "NEURON { SUFFIX own NONSPECIFIC_CURRENT i RANGE gbar }\n"
    + _K
    + "ASSIGNED { v (mV) i (mA/cm2) }\nBREAKPOINT { i = gbar*(v + 30 (mV)) }\n"
)
"""A mod file whose reversal potential is a number in it, -30 mV."""


def open_part(v_mV: np.ndarray) -> np.ndarray:
    """The steady state of each of `KINDS`."""
    return 1 / (1 + np.exp(-(v_mV + 50) / 9))

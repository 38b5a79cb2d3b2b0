TITLE Stochastic release with facilitation and depression

COMMENT
    Written by hand: the LEMS type releaseSite; LEMS random() has no export that NEURON 9 compiles. A spike that arrives is
    passed on with probability min(1, p0 F D). The stream of random numbers is NEURON's Random123; set its ids for each
    site (site.rng.set_ids(...)); every run starts it anew.
    Holds no number of the model: set the parameters from NeuroML2/LEMS_CA1_receptors.xml.
ENDCOMMENT

NEURON {
    ARTIFICIAL_CELL ReleaseSite
    RANGE p0, stepF, tauF, factorD, tauD
    RANGE F, D, p
    RANDOM rng
    THREADSAFE
}

PARAMETER {
    p0
    stepF
    tauF (ms)
    factorD
    tauD (ms)
}

ASSIGNED {
    F
    D
    p
    last (ms)
}

INITIAL {
    F = 1
    D = 1
    p = 0
    last = t
    random_setseq(rng, 0)
}

NET_RECEIVE(weight) {
    F = 1 + (F - 1)*exp((last - t)/tauF)
    D = 1 - (1 - D)*exp((last - t)/tauD)
    p = p0*F*D
    if (p > 1) {
        p = 1
    }
    if (random_uniform(rng) < p) {
        net_event(t)
    }
    F = F + stepF
    D = D*factorD
    last = t
}

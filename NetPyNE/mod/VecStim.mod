TITLE Spike source that plays a vector of times

COMMENT
    Written by hand: NeuroML has spikeArray, but NEURON ships no cell that plays a Vector. play(Vector) gives the times
    (ms, ascending); times before the start of the run are left out. The Vector must live as long as the run. NetPyNE
    finds this mechanism by its name. Parentheses round what net_send waits: NMODL writes t in front of it as it stands, and
    t + next - t would round. C that is C++ too: exported models take it to NEURON 8.
ENDCOMMENT

VERBATIM
#ifndef NRN_VERSION_GTEQ_8_2_0  /* NEURON 8.0 and 8.1 do not declare them */
#define IvocVect void
extern double* vector_vec(IvocVect*);
extern int vector_capacity(IvocVect*);
extern IvocVect* vector_arg(int);
#endif
ENDVERBATIM

NEURON {
    ARTIFICIAL_CELL VecStim
    RANGE index, next, waiting
    POINTER times
}

PARAMETER {
    index = 0
}

ASSIGNED {
    next (ms)
    waiting
    times
}

INITIAL {
    index = 0
    take()
    while (waiting && next < t) {
        take()
    }
    if (waiting) {
        net_send((next - t), 1)
    }
}

NET_RECEIVE(weight) {
    if (flag == 1) {
        net_event(t)
        take()
        if (waiting) {
            net_send((next - t), 1)
        }
    }
}

PROCEDURE play() {
VERBATIM
    _p_times = ifarg(1) ? (void*) vector_arg(1) : 0;
ENDVERBATIM
}

PROCEDURE take() {
    waiting = 0
VERBATIM
    IvocVect* const vector = (IvocVect*) _p_times;
    if (vector && index < vector_capacity(vector)) {
        next = vector_vec(vector)[(int) index];
        index += 1;
        waiting = 1;
    }
ENDVERBATIM
}

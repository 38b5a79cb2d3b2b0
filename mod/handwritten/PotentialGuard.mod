TITLE Stops a run at the step in which a potential goes astray

COMMENT
    Written by hand: looks at all nodes of its thread in every fixed step, before NEURON solves the cable equation. A potential
    beyond `limit`, or a sum of currents that is no finite number, stops the run after this step (`stoprun`). One step later
    the solution would have spread what is not finite to the whole cell; here it is known where it came from.
    One call looks at all nodes of a thread, however many of these it has. Neither potentials nor currents are changed.
    An adapted step solves for many potentials that it then gives up: there it looks at those that it has attained alone.

    found(): 0 or what was found, 1 a potential beyond the limit, 2 a current that is not finite, 3 that a run takes too long.
    when(): the time (ms) of that potential, or from which on there is none.
    put_back(): gives the nodes of that thread the potentials that they had in that step.
    mark(): makes the potentials of nodes NaN whose current was not finite.
    forget(): what was found, before a run.
    stop_after(s): a run that takes longer from now on, wall time, is stopped too; until the next forget().
    Each is of all threads and cells. With `stops` = 0 it takes note only, for those who look at found() themselves while the run
    goes on.
ENDCOMMENT

NEURON {
    POINT_PROCESS PotentialGuard
    GLOBAL limit, stops
    THREADSAFE
}

UNITS {
    (mV) = (millivolt)
}

PARAMETER {
    limit = 200 (mV)
    stops = 0
}

INCLUDE "stepping.inc"

VERBATIM
#include <chrono>
#include <cmath>
#include <limits>
#include <vector>

namespace {

enum Found { nothing, beyond_limit, not_finite, out_of_time };

/* What was found in a thread, and the potentials and currents of that step. */
struct ThreadFound {
    Found found{nothing};
    double time{};
    std::vector<double> potentials, currents;
};

std::vector<ThreadFound> found_in(1024);  // threads, far more than there are processors

using Clock = std::chrono::steady_clock;
bool limited{};
Clock::time_point end_of_run;

bool takes_too_long() {
    return limited && Clock::now() > end_of_run;
}

/* Whether all are at most so far from 0; one that is no number is not. */
CLONES bool all_within(int size, double const* values, double furthest) {
    int beyond = 0;
    for (int k = 0; k < size; ++k) {
        beyond += !(std::fabs(values[k]) <= furthest);
    }
    return beyond == 0;
}

void take_note(NrnThread* thread, Found seen, double time) {
    auto& here = found_in[thread - nrn_threads];
    if (here.found != nothing) {
        return;
    }
    double const* const potentials = thread->node_voltage_storage();
    double const* const currents = thread->node_rhs_storage();
    here.potentials.assign(potentials, potentials + thread->end);
    here.currents.assign(currents, currents + thread->end);
    here.found = seen;
    here.time = time;
    if (stops) {
        stoprun = thread->_stop_stepping = 1;
    }
}

/* In the middle of a fixed step, when the currents of all mechanisms have come together. */
void look(neuron::model_sorted_token const&, NrnThread* thread, Memb_list*, int) {
    if (cvode_active_) {
        return;
    }
    if (!all_within(thread->end, thread->node_rhs_storage(), std::numeric_limits<double>::max())) {
        take_note(thread, not_finite, thread->_t + thread->_dt/2);
    } else if (!all_within(thread->end, thread->node_voltage_storage(), limit)) {
        take_note(thread, beyond_limit, thread->_t - thread->_dt/2);
    } else if (takes_too_long()) {
        take_note(thread, out_of_time, thread->_t - thread->_dt/2);
    }
}

/* Calls `visit` with a node's potential, and with the potential and the current that were found. */
template <typename Visit>
void for_each_node(Visit visit) {
    for (NrnThread* const thread: for_threads(nrn_threads, nrn_nthread)) {
        auto const& was = found_in[thread - nrn_threads];
        double* const potentials = thread->node_voltage_storage();
        for (int k = 0; k < static_cast<int>(was.potentials.size()) && k < thread->end; ++k) {
            visit(potentials[k], was.potentials[k], was.currents[k]);
        }
    }
}

}
ENDVERBATIM

INITIAL {
VERBATIM
    step_by_thread(_mechtype, nullptr, look, nullptr);
ENDVERBATIM
}

BEFORE STEP {
VERBATIM
    if (cvode_active_ && !all_within(_nt->end, _nt->node_voltage_storage(), limit)) {
        take_note(_nt, beyond_limit, _nt->_t);
    } else if (cvode_active_ && takes_too_long()) {
        take_note(_nt, out_of_time, _nt->_t);
    }
ENDVERBATIM
}

FUNCTION found() {
VERBATIM
    _lfound = nothing;
    for (auto const& one: found_in) {
        _lfound = std::max(_lfound, static_cast<double>(one.found));
    }
ENDVERBATIM
}

FUNCTION when() {
VERBATIM
    _lwhen = std::numeric_limits<double>::infinity();
    for (auto const& one: found_in) {
        if (one.found != nothing) {
            _lwhen = std::min(_lwhen, one.time);
        }
    }
ENDVERBATIM
}

PROCEDURE put_back() {
VERBATIM
    for_each_node([](double& potential, double before, double) { potential = before; });
ENDVERBATIM
}

PROCEDURE mark() {
VERBATIM
    for_each_node([](double& potential, double, double current) {
        potential = std::isfinite(current) ? potential : NAN;
    });
ENDVERBATIM
}

PROCEDURE forget() {
VERBATIM
    for (auto& one: found_in) {
        one = ThreadFound{};
    }
    stoprun = 0;
    limited = false;
ENDVERBATIM
}

PROCEDURE stop_after(s) {
VERBATIM
    end_of_run = Clock::now() + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(_ls));
    limited = true;
ENDVERBATIM
}

TITLE Trains of events for all synapses of a cell, played by one source

COMMENT
    Written by hand. NeuroML has spikeArray for a train, and VecStim plays one; of thousands, each keeps an event of its own
    in NEURON's queue and sends a second one for every spike. This source stands on the cell itself, holds the events of all
    trains in one order, and hands each to its receptor at its time: the queue holds one event for all of them.

    play(netcons, times, connections): a List of NetCons, whose sources and delays are not used; times (ms, ascending) and,
    for each, the place in the list of the NetCon that it is for. Weights, receptors and their NET_RECEIVE are NEURON's.
    Events before the start of the run are left out; those of one time come in the order in which they stand. All receptors
    must be on the cell that bears the source: a thread then has both, and at a variable step the cell has gone back to the
    event's time when the source receives it.

    Parentheses round what net_send waits: NMODL writes t in front of it as it stands, and t + next - t would round.
    An event in the queue has as its flag the number, from 1, of the train's event: the queue is all the state there is.
ENDCOMMENT

NEURON {
    POINT_PROCESS InputTrains
    RANGE n_events, next_ms, next_number
    THREADSAFE : before POINTER, or nocmodl does not heed it
    POINTER storage
}

ASSIGNED {
    n_events
    next_ms (ms)
    next_number
    storage
}

VERBATIM
#include <algorithm>
#include <memory>
#include <vector>

struct NetCon;
extern Point_process* nrn_netcon_target(NetCon*);  // an error if it is gone
extern int nrn_netcon_weight(NetCon*, double**);
extern int ivoc_list_count(Object*);
extern Object* ivoc_list_item(Object*, int);

namespace {

/* A NetCon, and what of it does not change during a run. */
struct Connection {
    NetCon* netcon{};
    double* weights{};
    pnt_receive_t receive{};
};

class Trains {
  public:
    Trains(Object* netcons, IvocVect* times_ms, IvocVect* connections)
        : netcons_{netcons}
        , times_ms_(vector_vec(times_ms), vector_vec(times_ms) + vector_capacity(times_ms))
        , places_(vector_vec(connections), vector_vec(connections) + vector_capacity(connections)) {
        for (int place = 0; place < ivoc_list_count(netcons); ++place) {
            Object* const one = ivoc_list_item(netcons, place);
            if (one->ctemplate->sym != hoc_lookup("NetCon")) {
                hoc_execerror("InputTrains.play: expected NetCons in the list, not", hoc_object_name(one));
            }
            connections_.push_back({static_cast<NetCon*>(one->u.this_pointer)});
        }
        auto const n = static_cast<int>(connections_.size());
        bool const within = std::all_of(places_.begin(), places_.end(), [n](int at) { return 0 <= at && at < n; });
        if (places_.size() != times_ms_.size() || !within || !std::is_sorted(times_ms_.begin(), times_ms_.end())) {
            hoc_execerror("InputTrains.play:", "expected ascending times, and for each the place of its NetCon in the list");
        }
        hoc_obj_ref(netcons_);
    }

    Trains(Trains const&) = delete;

    ~Trains() {
        hoc_obj_unref(netcons_);
    }

    std::size_t size() const {
        return times_ms_.size();
    }

    double time_ms(std::size_t event) const {
        return times_ms_[event];
    }

    std::size_t first_from(double start_ms) const {
        return std::lower_bound(times_ms_.begin(), times_ms_.end(), start_ms) - times_ms_.begin();
    }

    /* Look up what the NetCons reach, for a source of this thread. */
    void connect(void const* thread) {
        for (auto& connection: connections_) {
            Point_process* const target = nrn_netcon_target(connection.netcon);
            if (target->_vnt != thread) {
                hoc_execerror("InputTrains: a receptor is on another thread than its source;", "put the source on its cell");
            }
            nrn_netcon_weight(connection.netcon, &connection.weights);
            connection.receive = pnt_receive[nrn_get_mechtype(target->ob->ctemplate->sym->name)];
        }
    }

    /* Hand over an event and those of the same time; return the next. */
    std::size_t hand_over(std::size_t event) const {
        double const now_ms = times_ms_[event];
        do {
            auto const& connection = connections_[places_[event]];
            connection.receive(nrn_netcon_target(connection.netcon), connection.weights, 0);
            ++event;
        } while (event < times_ms_.size() && times_ms_[event] == now_ms);
        return event;
    }

  private:
    Object* netcons_;  // kept alive by this reference
    std::vector<double> times_ms_;
    std::vector<int> places_;
    std::vector<Connection> connections_;
};

}
ENDVERBATIM

INITIAL {
    find_first()
    if (next_number > 0) {
        net_send((next_ms - t), next_number)
    }
}

NET_RECEIVE(weight) {
    if (flag > 0) {
        send(flag)
        if (next_number > 0) {
            net_send((next_ms - t), next_number)
        }
    }
}

DESTRUCTOR {
VERBATIM
    delete static_cast<Trains*>(_p_storage);
    _p_storage = nullptr;
ENDVERBATIM
}

PROCEDURE play() {
VERBATIM
    auto made = std::make_unique<Trains>(*hoc_objgetarg(1), vector_arg(2), vector_arg(3));
    delete static_cast<Trains*>(_p_storage);
    n_events = static_cast<double>(made->size());
    _p_storage = made.release();
ENDVERBATIM
}

PROCEDURE find_first() {
    next_number = 0
VERBATIM
    if (auto* const trains = static_cast<Trains*>(_p_storage)) {
        trains->connect(_nt);
        auto const event = trains->first_from(t);
        if (event < trains->size()) {
            next_number = static_cast<double>(event + 1);
            next_ms = trains->time_ms(event);
        }
    }
ENDVERBATIM
}

PROCEDURE send(number) {
    : Hand over the event of this number; sets number and time of the next, number 0 without one.
    next_number = 0
VERBATIM
    auto const& trains = *static_cast<Trains*>(_p_storage);
    auto const event = trains.hand_over(static_cast<std::size_t>(_lnumber) - 1);
    if (event < trains.size()) {
        next_number = static_cast<double>(event + 1);
        next_ms = trains.time_ms(event);
    }
ENDVERBATIM
}

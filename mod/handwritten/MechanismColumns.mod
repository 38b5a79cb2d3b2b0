TITLE Every number that the mechanisms of the built cells hold

COMMENT
    Written by hand: NEURON's SaveState keeps of a density mechanism its STATEs alone. What a mechanism knows beside them from
    one step to the next (currents, which recordings take a step later, arrays of gates, an ASSIGNED that is no RANGE) stands
    here in one Vector: save_columns(Vector) fills it and restore_columns(Vector) puts it back into the same cells, built
    in the same way; it returns 0, and changes nothing, if these hold another number of values. Artificial cells are not in it:
    SaveState knows them whole.
ENDCOMMENT

NEURON {
    SUFFIX MechanismColumns
}

VERBATIM
extern void vector_resize(IvocVect*, int);

/* Of NEURON, of which no header ships. */
class SelfEvent {
  public:
    static void savestate_free();
};

namespace {

/* Calls `visit` with every number, in NEURON's order of threads, mechanisms, variables and instances. */
template <typename Visit>
void for_each_number(Visit visit) {
    for (NrnThread* const thread: for_threads(nrn_threads, nrn_nthread)) {
        for (auto* one = thread->tml; one; one = one->next) {
            Memb_list& instances = *one->ml;
            for (int variable = 0; variable < instances.get_num_variables(); ++variable) {
                int const n_elements = instances.get_array_dims(variable);
                for (int instance = 0; instance < instances._nodecount; ++instance) {
                    for (int element = 0; element < n_elements; ++element) {
                        visit(instances.data(instance, variable, element));
                    }
                }
            }
        }
    }
}

int count_numbers() {
    int n = 0;
    for_each_number([&n](double&) { ++n; });
    return n;
}

}
ENDVERBATIM

FUNCTION save_columns() {
VERBATIM
    auto* const vector = vector_arg(1);
    vector_resize(vector, count_numbers());
    double* to = vector_vec(vector);
    for_each_number([&to](double& number) { *to++ = number; });
    _lsave_columns = vector_capacity(vector);
ENDVERBATIM
}

FUNCTION restore_columns() {
VERBATIM
    auto* const vector = vector_arg(1);
    _lrestore_columns = vector_capacity(vector) == count_numbers();
    if (_lrestore_columns) {
        double const* from = vector_vec(vector);
        for_each_number([&from](double& number) { number = *from++; });
    }
ENDVERBATIM
}

PROCEDURE forget_point_processes() {
    : SaveState looks the targets of events up in a table that it makes once a process: after other cells it is of those.
VERBATIM
    SelfEvent::savestate_free();
ENDVERBATIM
}

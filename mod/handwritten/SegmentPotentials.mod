TITLE The potentials of all segments of some sections, as they are now

COMMENT
    Written by hand: segment_potentials(SectionList, Vector) fills the Vector with the potential (mV) of every segment: section by
    section of the list, from its 0 to its 1 end. It takes no pointer: of each node that Python has ever taken one of, NEURON 9
    keeps 32 bytes for as long as the process lives, which thousands of trials would add up.
ENDCOMMENT

NEURON {
    SUFFIX SegmentPotentials
}

VERBATIM
#include "hoclist.h"

#include <vector>

extern Node* node_exact(Section*, double);
extern void vector_resize(IvocVect*, int);
extern "C" bool nrn_section_is_active(Section const*);
extern "C" int nrn_nseg_get(Section const*);
extern "C" hoc_Item* nrn_sectionlist_data(Object const*);
ENDVERBATIM

PROCEDURE segment_potentials() {
VERBATIM
    std::vector<double> potentials;
    for (Section* const section: range_sec(nrn_sectionlist_data(*hoc_objgetarg(1)))) {
        if (!nrn_section_is_active(section)) {
            hoc_execerror("segment_potentials: a section of the list is deleted", nullptr);
        }
        int const n_segments = nrn_nseg_get(section);
        for (int segment = 0; segment < n_segments; ++segment) {
            potentials.push_back(NODEV(node_exact(section, (segment + 0.5)/n_segments)));
        }
    }
    auto* const vector = vector_arg(2);
    vector_resize(vector, static_cast<int>(potentials.size()));
    std::copy(potentials.begin(), potentials.end(), vector_vec(vector));
ENDVERBATIM
}

#include "nn/module.h"

namespace glassformer {

void append_parameters(NamedParameters& all, const std::string& prefix, const NamedParameters& of) {
    for (const auto& [name, variable] : of) {
        std::string full = prefix;
        full += ".";
        full += name;
        all.emplace_back(std::move(full), variable);
    }
}

}  // namespace glassformer

#include "base/error.h"

#include <utility>

namespace glassformer {

const char* error_kind_name(ErrorKind kind) {
    switch (kind) {
        case ErrorKind::unknown_name: return "unknown_name";
        case ErrorKind::wrong_type: return "wrong_type";
        case ErrorKind::out_of_range: return "out_of_range";
        case ErrorKind::constraint: return "constraint";
        case ErrorKind::budget: return "budget";
        case ErrorKind::shape: return "shape";
        case ErrorKind::malformed: return "malformed";
        case ErrorKind::non_finite: return "non_finite";
        case ErrorKind::cancelled: return "cancelled";
        case ErrorKind::internal: return "internal";
    }
    return "internal";
}

Error::Error(ErrorKind kind, Text message, std::string parameter)
    : std::runtime_error(message.en), kind_(kind), message_(std::move(message)), parameter_(std::move(parameter)) {}

}  // namespace glassformer

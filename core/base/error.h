#pragma once

#include <stdexcept>
#include <string>

namespace glassformer {

/// A sentence in both languages of the page. Both are always written; neither is a translation made at run time.
struct Text {
    std::string zh;
    std::string en;
};

/// What went wrong, as far as a caller can act on it.
enum class ErrorKind {
    unknown_name,  ///< an experiment, parameter, output, view or lesson that does not exist
    wrong_type,    ///< a value of another kind than declared
    out_of_range,  ///< a value outside the declared range or list
    constraint,    ///< values that are fine alone but not together (d_model % n_heads)
    budget,        ///< would take more memory or time than a reader's device should give
    shape,         ///< tensors that do not fit one another
    malformed,     ///< a file or a request that cannot be read
    non_finite,    ///< a computation that produced NaN or infinity where none may be
    cancelled,     ///< the reader stopped it
    internal,      ///< a fault of ours
};

/// Lower-case name as it stands in JSON: "unknown_name", "out_of_range", ...
const char* error_kind_name(ErrorKind kind);

/// The one exception type of the core. `what()` is the English message; the page shows the reader's language.
/// `parameter` names the parameter, file field or output at fault and may be empty.
class Error : public std::runtime_error {
  public:
    Error(ErrorKind kind, Text message, std::string parameter = {});

    ErrorKind kind() const { return kind_; }
    const Text& message() const { return message_; }
    const std::string& parameter() const { return parameter_; }

  private:
    ErrorKind kind_;
    Text message_;
    std::string parameter_;
};

}  // namespace glassformer

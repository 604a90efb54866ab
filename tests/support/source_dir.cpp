#include "support/source_dir.h"

namespace glassformer {

std::string source_dir() { return GLASSFORMER_SOURCE_DIR; }

}  // namespace glassformer

#pragma once

#include <string>

namespace glassformer {

/** The folder of the checkout, for tests that read what is committed. Its path is compiled into source_dir.cpp alone,
 * so that a compiler cache serves every checkout. */
std::string source_dir();

}  // namespace glassformer

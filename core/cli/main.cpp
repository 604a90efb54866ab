#include <cstdlib>
#include <string>

#include "cli/commands.h"

int main(int argc, char** argv) {
    const char* language = std::getenv("LC_ALL");
    if (language == nullptr || *language == '\0') language = std::getenv("LANG");
    const bool chinese = language != nullptr && std::string(language).rfind("zh", 0) == 0;
    return glassformer::run_command_line({argv + 1, argv + argc}, chinese);
}

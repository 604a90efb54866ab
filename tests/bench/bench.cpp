// `glassformer bench` alone, as a WebAssembly module: what engine.mjs calls.
#include "cli/bench.h"

#include <cstdio>
#include <exception>

int main(int count, char** arguments) {
    glassformer::Options options;
    options.json = true;
    options.names.assign(arguments + 1, arguments + count);
    try {
        return glassformer::bench(options);
    } catch (const std::exception& error) {
        std::puts(error.what());
        return 1;
    }
}

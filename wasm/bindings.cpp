/// The functions the page's worker calls (wasm/README.md lists them). JSON text in, JSON text out; a frame's tensors
/// wait in one buffer. Every failure is an answer, {"error": ...}: an abort would take the page's whole module with it.
#include <emscripten.h>

#include <cstdint>
#include <string>

#include "lesson/session.h"

namespace {

glassformer::Session& session() {
    static glassformer::Session instance({.milliseconds = [] { return emscripten_get_now(); }});
    return instance;
}

/// Keeps the latest answer alive until the next call. When there is no memory left even for a message, the answer is a
/// fixed one.
template <typename Function>
const char* answer(Function&& function) {
    static std::string text;
    try {
        text = function();
        return text.c_str();
    } catch (...) {
        return R"({"error":{"kind":"budget","message":{"zh":"内存不够：把规模调小一些。","en":"Out of memory: choose a smaller size."}}})";
    }
}

std::string_view view(const char* text) { return text == nullptr ? std::string_view() : std::string_view(text); }

}  // namespace

extern "C" {

EMSCRIPTEN_KEEPALIVE const char* glassformer_version() {
    return answer([] { return session().version(); });
}
EMSCRIPTEN_KEEPALIVE const char* glassformer_catalog() {
    return answer([] { return session().catalog(); });
}
EMSCRIPTEN_KEEPALIVE const char* glassformer_start(const char* request) {
    return answer([&] { return session().start(view(request)); });
}
EMSCRIPTEN_KEEPALIVE const char* glassformer_advance(std::int32_t handle, double budget_ms) {
    return answer([&] { return session().advance(handle, budget_ms); });
}
EMSCRIPTEN_KEEPALIVE const char* glassformer_frame(std::int32_t handle) {
    return answer([&] { return session().frame(handle); });
}
EMSCRIPTEN_KEEPALIVE const std::uint8_t* glassformer_buffer() { return session().buffer().data(); }
EMSCRIPTEN_KEEPALIVE std::int32_t glassformer_buffer_size() {
    return static_cast<std::int32_t>(session().buffer().size());
}
EMSCRIPTEN_KEEPALIVE const char* glassformer_drop(std::int32_t handle) {
    return answer([&] { return session().drop(handle); });
}
EMSCRIPTEN_KEEPALIVE const char* glassformer_asset(const char* name, const std::uint8_t* bytes, std::int32_t size) {
    return answer([&] { return session().asset(view(name), bytes, size < 0 ? 0 : static_cast<std::size_t>(size)); });
}
EMSCRIPTEN_KEEPALIVE const char* glassformer_evaluate(std::int32_t handle, const char* request) {
    return answer([&] { return session().evaluate(handle, view(request)); });
}
EMSCRIPTEN_KEEPALIVE const char* glassformer_check_start(const char* request) {
    return answer([&] { return session().check_start(view(request)); });
}

}  // extern "C"

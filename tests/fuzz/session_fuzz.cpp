// libFuzzer on the very entry that the page calls: whatever text arrives, the answer is JSON and nothing crashes or
// hangs. The first byte chooses the function, the rest is its text.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "lesson/session.h"

using namespace glassformer;

namespace {

double fake_clock() {
    static double now = 0.0;
    return now += 0.5;
}

Json answer(const std::string& text) {
    const Json json = Json::parse(text, nullptr, false);
    if (json.is_discarded()) std::abort();  // an answer that is no JSON is a bug
    return json;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    Budget budget;
    budget.flops = 2e7;
    budget.bytes = 2e7;
    Session session({.milliseconds = fake_clock, .budget = budget, .clamp_work = 20});
    const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
    switch (data[0] % 3) {
        case 0: {
            const Json started = answer(session.start(text));
            if (!started.contains("handle")) break;
            const std::int32_t handle = started["handle"];
            for (int i = 0; i < 5; ++i) answer(session.advance(handle, 5));
            answer(session.frame(handle));
            answer(session.drop(handle));
            break;
        }
        case 1: {
            const Json started = answer(
                session.start(R"({"experiment":"attention.qk_tying","parameters":{"n":4,"updates":10},"seed":1})"));
            answer(session.advance(started["handle"], 1));
            answer(session.evaluate(started["handle"], text));
            break;
        }
        default: {
            const Json started = answer(session.check_start(text));
            if (!started.contains("handle")) break;
            for (int i = 0; i < 5; ++i) answer(session.advance(started["handle"], 2));
            break;
        }
    }
    return 0;
}

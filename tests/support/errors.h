#pragma once

#include <functional>

#include "base/error.h"
#include "support/catch.h"

namespace glassformer::testing {

/// The kind of Error that a call throws, which must speak both languages. A call that throws nothing, or anything else,
/// fails the test.
inline ErrorKind kind_of(const std::function<void()>& call) {
    try {
        call();
    } catch (const Error& error) {
        CHECK(!error.message().zh.empty());
        CHECK(!error.message().en.empty());
        return error.kind();
    }
    FAIL("no error");
    return ErrorKind::internal;
}

}  // namespace glassformer::testing

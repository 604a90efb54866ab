#include "experiments/run.h"

namespace glassformer {

void Values::set(std::string name, Value value) {
    if (find(name) != nullptr) {
        throw Error(ErrorKind::internal,
                    {"一帧里有两个名为“" + name + "”的值。", "A frame has two values named '" + name + "'."}, name);
    }
    entries_.emplace_back(std::move(name), std::move(value));
}

const Value* Values::find(const std::string& name) const {
    for (const auto& [key, value] : entries_) {
        if (key == name) return &value;
    }
    return nullptr;
}

Values Frame::values() const {
    Values values;
    if (builder_) builder_(values);
    return values;
}

bool Run::advance() {
    if (!handle_ || handle_.done()) return false;
    CostScope scope;
    handle_.resume();
    cost_.flops += scope.cost().flops;
    cost_.bytes += scope.cost().bytes;
    cost_.matmuls += scope.cost().matmuls;
    if (handle_.promise().failure) std::rethrow_exception(std::exchange(handle_.promise().failure, nullptr));
    if (handle_.done()) {
        // The frame's builder refers to locals that are gone now: nobody may ask it for values any more.
        if (sequence_ < 0 || !last()) {
            throw Error(ErrorKind::internal, {"实验结束了，却没有标出最后一帧（done == total）。",
                                              "The experiment ended without marking its last frame (done == total)."});
        }
        return false;
    }
    ++sequence_;
    return true;
}

const Frame& Run::frame() const {
    if (!handle_ || sequence_ < 0) {
        throw Error(ErrorKind::internal, {"运行还没有产生第一帧。", "The run has not produced its first frame yet."});
    }
    return handle_.promise().frame;
}

}  // namespace glassformer

#include "autograd/variable.h"

#include <algorithm>
#include <utility>

#include "base/error.h"

namespace glassformer {
namespace {

std::uint64_t next_order() {
    thread_local std::uint64_t order = 0;
    return ++order;
}

[[noreturn]] void misshapen(const Shape& gradient, const Shape& value) {
    throw Error(
        ErrorKind::shape,
        {"梯度的形状 " + gradient.to_string() + " 与值的形状 " + value.to_string() + " 不同。",
         "A gradient of shape " + gradient.to_string() + " flowed into a value of shape " + value.to_string() + "."});
}

/// Everything that `last` was computed from and that may receive a gradient, newest first: when a node is reached, all
/// that flows into it has arrived.
template <typename Node>
PooledVector<Node*> tape_to(Node* last) {
    thread_local std::uint64_t walks = 0;
    const std::uint64_t walk = ++walks;
    PooledVector<Node*> tape;
    PooledVector<Node*> open;
    open.push_back(last);
    while (!open.empty()) {
        Node* node = open.back();
        open.pop_back();
        if (!node->requires_gradient || node->visited == walk) continue;
        node->visited = walk;
        tape.push_back(node);
        for (const auto& parent : node->parents) open.push_back(parent.get());
    }
    std::sort(tape.begin(), tape.end(), [](const Node* a, const Node* b) { return a->order > b->order; });
    return tape;
}

}  // namespace

/// A long tape (an LSTM over a thousand tokens) goes in a loop: each node destroying its parents would nest as deep as
/// the tape is long, and a WebAssembly stack is small.
template <typename T>
BasicVariable<T>::Node::~Node() {
    PooledVector<std::shared_ptr<Node>> dying = std::move(parents);
    while (!dying.empty()) {
        const std::shared_ptr<Node> last = std::move(dying.back());
        dying.pop_back();
        if (last.use_count() != 1) continue;
        for (std::shared_ptr<Node>& parent : last->parents) dying.push_back(std::move(parent));
        last->parents.clear();
    }
}

template <typename T>
void BasicVariable<T>::Node::accumulate(const BasicTensor<T>& delta) {
    if (!requires_gradient) return;
    if (!has_gradient) return accumulate(BasicTensor<T>(delta));
    if (delta.shape() != value.shape()) misshapen(delta.shape(), value.shape());
    T* to = gradient.data();
    const T* from = delta.data();
    const std::int64_t n = delta.size();
    for (std::int64_t i = 0; i < n; ++i) to[i] += from[i];
}

template <typename T>
void BasicVariable<T>::Node::accumulate(BasicTensor<T>&& delta) {
    if (!requires_gradient) return;
    if (has_gradient) return accumulate(static_cast<const BasicTensor<T>&>(delta));
    if (delta.shape() != value.shape()) misshapen(delta.shape(), value.shape());
    gradient = std::move(delta);
    has_gradient = true;
}

template <typename T>
BasicVariable<T>::BasicVariable(BasicTensor<T> value, bool requires_gradient)
    : node_(std::allocate_shared<Node>(PoolAllocator<Node>())) {
    node_->value = std::move(value);
    node_->requires_gradient = requires_gradient;
    node_->order = next_order();
}

template <typename T>
BasicVariable<T>::BasicVariable(BasicTensor<T> value, std::initializer_list<BasicVariable> parents,
                                Callback<Node> backward)
    : BasicVariable(std::move(value)) {
    remember(parents.begin(), parents.size(), std::move(backward));
}

template <typename T>
BasicVariable<T>::BasicVariable(BasicTensor<T> value, const std::vector<BasicVariable>& parents,
                                Callback<Node> backward)
    : BasicVariable(std::move(value)) {
    remember(parents.data(), parents.size(), std::move(backward));
}

template <typename T>
void BasicVariable<T>::remember(const BasicVariable* first, std::size_t count, Callback<Node> backward) {
    if (std::none_of(first, first + count, [](const BasicVariable& p) { return p.requires_gradient(); })) return;
    node_->requires_gradient = true;
    node_->backward = std::move(backward);
    node_->parents.reserve(count);
    for (std::size_t i = 0; i < count; ++i) node_->parents.push_back(first[i].node_);
}

template <typename T>
BasicTensor<T> BasicVariable<T>::gradient() const {
    return node_->has_gradient ? node_->gradient : BasicTensor<T>(node_->value.shape());
}

template <typename T>
BasicTensor<T>& BasicVariable<T>::mutable_value() {
    if (!node_->parents.empty()) {
        throw Error(ErrorKind::internal,
                    {"只有叶子变量（参数）可以就地修改。", "Only a leaf (a parameter) may be changed in place."});
    }
    return node_->value;
}

template <typename T>
void BasicVariable<T>::set_requires_gradient(bool requires_gradient) {
    if (!node_->parents.empty()) {
        throw Error(ErrorKind::internal,
                    {"只有叶子变量（参数）可以冻结或解冻；中间结果用 detach()。",
                     "Only a leaf (a parameter) may be frozen or unfrozen; detach() a computed variable."});
    }
    node_->requires_gradient = requires_gradient;
}

template <typename T>
void BasicVariable<T>::clear_gradient() {
    node_->has_gradient = false;
}

template <typename T>
void BasicVariable<T>::backward() const {
    if (node_->value.size() != 1) {
        throw Error(ErrorKind::shape,
                    {"backward() 需要标量，给了形状 " + shape().to_string() + "；先求和或求平均。",
                     "backward() needs a scalar; it got the shape " + shape().to_string() + ". Sum or average first."});
    }
    backward(BasicTensor<T>(shape(), T{1}));
}

template <typename T>
void BasicVariable<T>::backward(const BasicTensor<T>& gradient) const {
    const PooledVector<Node*> tape = tape_to(node_.get());
    if (tape.empty()) return;
    // Gradients inside the graph belong to this pass; those of leaves add up until they are cleared.
    for (Node* node : tape) {
        if (node->backward) node->has_gradient = false;
    }
    node_->accumulate(gradient);
    for (Node* node : tape) {
        if (node->backward && node->has_gradient) node->backward(*node);
    }
}

template <typename T>
std::vector<BasicTensor<T>> vector_jacobian_product(const BasicVariable<T>& output, const BasicTensor<T>& weights,
                                                    const std::vector<BasicVariable<T>>& inputs) {
    using Node = typename BasicVariable<T>::Node;
    if (weights.shape() != output.shape()) misshapen(weights.shape(), output.shape());
    const PooledVector<Node*> tape = tape_to(output.node().get());
    const auto is_input = [&](const Node* node) {
        return std::any_of(inputs.begin(), inputs.end(), [&](const auto& input) { return input.node().get() == node; });
    };
    // Oldest first: a node counts if it is an input or was computed from a node that counts. The others are switched
    // off for this walk, so that no work goes to them and no gradient into them.
    PooledVector<Node*> switched_off;
    PooledVector<std::pair<BasicTensor<T>, bool>> stored;
    for (auto at = tape.rbegin(); at != tape.rend(); ++at) {
        Node* node = *at;
        const bool counts = is_input(node) || std::any_of(node->parents.begin(), node->parents.end(),
                                                          [](const auto& parent) { return parent->requires_gradient; });
        if (!counts) {
            node->requires_gradient = false;
            switched_off.push_back(node);
        }
    }
    for (Node* node : tape) {
        stored.emplace_back(std::move(node->gradient), node->has_gradient);
        node->has_gradient = false;
    }
    const auto restore = [&] {
        for (std::size_t i = 0; i < tape.size(); ++i) {
            tape[i]->gradient = std::move(stored[i].first);
            tape[i]->has_gradient = stored[i].second;
        }
        for (Node* node : switched_off) node->requires_gradient = true;
    };
    std::vector<BasicTensor<T>> result;
    try {
        if (output.requires_gradient()) output.node()->accumulate(weights);
        for (Node* node : tape) {
            if (node->requires_gradient && node->backward && node->has_gradient) node->backward(*node);
        }
        for (const BasicVariable<T>& input : inputs) result.push_back(input.gradient());
    } catch (...) {
        restore();
        throw;
    }
    restore();
    return result;
}

template std::vector<Tensor> vector_jacobian_product(const Variable&, const Tensor&, const std::vector<Variable>&);
template std::vector<DoubleTensor> vector_jacobian_product(const DoubleVariable&, const DoubleTensor&,
                                                           const std::vector<DoubleVariable>&);
template class BasicVariable<float>;
template class BasicVariable<double>;

}  // namespace glassformer

#include "autograd/variable.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "base/error.h"

namespace glassformer {
namespace {

std::uint64_t next_order() {
    thread_local std::uint64_t order = 0;
    return ++order;
}

}  // namespace

template <typename T>
void BasicVariable<T>::Node::accumulate(const BasicTensor<T>& delta) {
    if (delta.shape() != value.shape()) {
        throw Error(ErrorKind::shape,
                    {"梯度的形状 " + delta.shape().to_string() + " 与值的形状 " + value.shape().to_string() + " 不同。",
                     "A gradient of shape " + delta.shape().to_string() + " flowed into a value of shape " +
                         value.shape().to_string() + "."});
    }
    if (!has_gradient) {
        gradient = delta;
        has_gradient = true;
        return;
    }
    for (std::int64_t i = 0; i < delta.size(); ++i) gradient[i] += delta[i];
}

template <typename T>
BasicVariable<T>::BasicVariable(BasicTensor<T> value, bool requires_gradient) : node_(std::make_shared<Node>()) {
    node_->value = std::move(value);
    node_->requires_gradient = requires_gradient;
    node_->order = next_order();
}

template <typename T>
BasicVariable<T>::BasicVariable(BasicTensor<T> value, const std::vector<BasicVariable>& parents,
                                std::function<void(Node&)> backward)
    : BasicVariable(std::move(value)) {
    const bool needed =
        std::any_of(parents.begin(), parents.end(), [](const BasicVariable& p) { return p.requires_gradient(); });
    if (!needed) return;
    node_->requires_gradient = true;
    node_->backward = std::move(backward);
    for (const BasicVariable& parent : parents) node_->parents.push_back(parent.node_);
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
    // Everything that leads here, newest first: when a node is reached, all that flows into it has arrived.
    std::vector<Node*> tape;
    std::unordered_set<Node*> seen;
    std::vector<Node*> open{node_.get()};
    while (!open.empty()) {
        Node* node = open.back();
        open.pop_back();
        if (!node->requires_gradient || !seen.insert(node).second) continue;
        tape.push_back(node);
        for (const auto& parent : node->parents) open.push_back(parent.get());
    }
    std::sort(tape.begin(), tape.end(), [](const Node* a, const Node* b) { return a->order > b->order; });
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

template class BasicVariable<float>;
template class BasicVariable<double>;

}  // namespace glassformer

#pragma once

#include <initializer_list>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/memory.h"
#include "tensor/tensor.h"

namespace glassformer {

/// A function kept for later: what std::function<void(Argument&)> is, but its captures live in pooled memory, so that a
/// tape costs no allocation from one update to the next. Moves only.
template <typename Argument>
class Callback {
  public:
    Callback() = default;
    template <typename Function>
        requires(!std::is_same_v<std::remove_cvref_t<Function>, Callback> && std::is_invocable_v<Function&, Argument&>)
    Callback(Function&& function) {
        using Stored = std::decay_t<Function>;
        static_assert(alignof(Stored) <= 16);
        captures_ = pool_allocate(sizeof(Stored));
        try {
            new (captures_) Stored(std::forward<Function>(function));
        } catch (...) {
            pool_release(captures_, sizeof(Stored));
            throw;
        }
        call_ = [](void* captures, Argument& argument) { (*static_cast<Stored*>(captures))(argument); };
        destroy_ = [](void* captures) {
            static_cast<Stored*>(captures)->~Stored();
            pool_release(captures, sizeof(Stored));
        };
    }
    Callback(Callback&& other) noexcept { swap(other); }
    Callback& operator=(Callback&& other) noexcept {
        swap(other);
        return *this;
    }
    ~Callback() {
        if (captures_ != nullptr) destroy_(captures_);
    }
    explicit operator bool() const { return captures_ != nullptr; }
    void operator()(Argument& argument) const { call_(captures_, argument); }

  private:
    void swap(Callback& other) noexcept {
        std::swap(captures_, other.captures_);
        std::swap(call_, other.call_);
        std::swap(destroy_, other.destroy_);
    }
    void* captures_ = nullptr;
    void (*call_)(void*, Argument&) = nullptr;
    void (*destroy_)(void*) = nullptr;
};

/// A tensor that remembers how it was computed, so that gradients can flow back (reverse-mode differentiation,
/// Linnainmaa 1970). `Variable` is float; double serves gradient checks. Copying a variable copies the handle, not the
/// tensor. Nodes, closures and tensors come from pooled memory (base/memory.h): once an update has run, the next one of
/// the same shapes takes nothing from the system.
template <typename T>
class BasicVariable {
  public:
    /// What an operation leaves on the tape. `backward` adds to the gradients of `parents`, given this node's gradient.
    struct Node {
        BasicTensor<T> value;
        BasicTensor<T> gradient;  ///< meaningless until something flows back; then of the shape of value
        bool has_gradient = false;
        bool requires_gradient = false;
        std::uint64_t order = 0;    ///< later nodes were computed later: the tape's order
        std::uint64_t visited = 0;  ///< the last walk over the tape that came by
        PooledVector<std::shared_ptr<Node>> parents = {};
        Callback<Node> backward = {};

        Node() = default;
        Node(const Node&) = delete;
        Node& operator=(const Node&) = delete;
        ~Node();
        /// gradient += delta; Error(shape) when the shapes differ. Does nothing where no gradient is required.
        void accumulate(const BasicTensor<T>& delta);
        void accumulate(BasicTensor<T>&& delta);
    };

    BasicVariable() : BasicVariable(BasicTensor<T>()) {}
    /// A leaf: a constant, or a parameter when it requires a gradient.
    explicit BasicVariable(BasicTensor<T> value, bool requires_gradient = false);
    /// The result of an operation. It requires a gradient if one of its parents does; otherwise nothing is remembered.
    BasicVariable(BasicTensor<T> value, std::initializer_list<BasicVariable> parents, Callback<Node> backward);
    BasicVariable(BasicTensor<T> value, const std::vector<BasicVariable>& parents, Callback<Node> backward);

    const BasicTensor<T>& value() const { return node_->value; }
    const Shape& shape() const { return node_->value.shape(); }
    bool requires_gradient() const { return node_->requires_gradient; }
    /// Freezes a leaf (false) or lets it learn again; what was computed from it before keeps its tape. Error(internal)
    /// for a computed variable.
    void set_requires_gradient(bool requires_gradient);
    /// d(result)/d(this), zero where nothing flowed back. Those of leaves add up over backward passes until they are
    /// cleared (PyTorch's semantics: gradient accumulation is several passes and one update); those of computed
    /// variables are the last pass's.
    BasicTensor<T> gradient() const;
    bool has_gradient() const { return node_->has_gradient; }
    /// For optimizers: the tensor of a leaf, to be changed in place. Error(internal) for a computed variable.
    BasicTensor<T>& mutable_value();
    void clear_gradient();

    /// The same value, cut from the tape: no gradient flows through it.
    BasicVariable detach() const { return BasicVariable(node_->value); }
    /// Fills the gradients of everything this scalar was computed from. Error(shape) unless it has exactly one element.
    void backward() const;
    /// The same with a given gradient of the result (a vector-Jacobian product); of the shape of value().
    void backward(const BasicTensor<T>& gradient) const;

    const std::shared_ptr<Node>& node() const { return node_; }

  private:
    void remember(const BasicVariable* first, std::size_t count, Callback<Node> backward);

    std::shared_ptr<Node> node_;
};

/// The gradients of `output`, weighted with `weights` of its shape, with respect to `inputs` (leaves or computed on the
/// way), zero where nothing flows: a vector-Jacobian product that leaves every stored gradient as it was, and that
/// walks only through what leads from the inputs to the output.
template <typename T>
std::vector<BasicTensor<T>> vector_jacobian_product(const BasicVariable<T>& output, const BasicTensor<T>& weights,
                                                    const std::vector<BasicVariable<T>>& inputs);

using Variable = BasicVariable<float>;
using DoubleVariable = BasicVariable<double>;

}  // namespace glassformer

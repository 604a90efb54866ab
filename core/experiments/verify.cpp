#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <utility>

#include "base/math.h"
#include "experiments/experiment.h"

/// Recomputes derived cells in double from the other values of the frame: the proof that what a view explains is true.
namespace glassformer {
namespace {

[[noreturn]] void broken(const std::string& output, const std::string& zh, const std::string& en) {
    throw Error(ErrorKind::internal, {"输出“" + output + "”：" + zh, "Output '" + output + "': " + en}, output);
}

std::int64_t element_count(const TensorValue& tensor) {
    return std::visit([](const auto& data) { return data.size(); }, tensor.data);
}

const Extents& extents(const TensorValue& tensor) {
    return std::visit([](const auto& data) -> const Extents& { return data.shape().extents(); }, tensor.data);
}

double element(const TensorValue& tensor, std::int64_t flat) {
    return std::visit([flat](const auto& data) { return static_cast<double>(data[flat]); }, tensor.data);
}

bool is_number(const std::string& text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

using Coordinates = std::map<std::string, std::int64_t>;

/// One derived tensor and how to reach its inputs.
class Recomputation {
  public:
    Recomputation(const std::string& name, const TensorValue& result, const Values& values)
        : name_(name), result_(result), derivation_(*result.derivation) {
        for (const DerivationInput& input : derivation_.inputs) {
            const Value* value = values.find(input.value);
            const auto* tensor = value == nullptr ? nullptr : std::get_if<TensorValue>(value);
            if (tensor == nullptr)
                broken(name_, "推导引用了不是张量的“" + input.value + "”。",
                       "its derivation names '" + input.value + "', which is no tensor of this frame.");
            if (tensor->axes.size() != input.index.size()) {
                broken(name_, "推导对“" + input.value + "”的下标个数不对。",
                       "its derivation has a wrong number of indices for '" + input.value + "'.");
            }
            sources_.push_back(tensor);
            collect_contracted(input, *tensor);
        }
    }

    double cell(const Coordinates& at) const {
        switch (derivation_.operation) {
            case Operation::matmul: return number("factor", 1.0) * sum_of_products(at);
            case Operation::add: {
                double total = 0.0;
                for (std::size_t i = 0; i < sources_.size(); ++i) total += read(i, at);
                return total;
            }
            case Operation::scale: return number("factor", 1.0) * read(0, at);
            case Operation::softmax: return softmax(at);
            case Operation::mask:
                return read(1, at) != 0.0 ? read(0, at) : number("fill", -std::numeric_limits<double>::infinity());
            case Operation::norm: return norm(at);
            case Operation::lookup: return lookup(at);
            case Operation::activation: return activation(read(0, at));
            case Operation::reduce: return reduce(at);
            case Operation::permute: return read(0, at);
            case Operation::concat: return concat(at);
        }
        return 0.0;
    }

    /// Sum of the sizes of what was added for the latest cell: large beside the cell where terms cancel.
    double summed() const { return summed_; }

  private:
    bool is_result_axis(const std::string& name) const {
        return std::any_of(result_.axes.begin(), result_.axes.end(),
                           [&](const Axis& axis) { return axis.name == name; });
    }

    void collect_contracted(const DerivationInput& input, const TensorValue& tensor) {
        for (std::size_t i = 0; i < input.index.size(); ++i) {
            const std::string& name = input.index[i];
            if (is_number(name) || is_result_axis(name)) continue;
            const auto [entry, added] = contracted_.try_emplace(name, extents(tensor)[i]);
            if (!added && entry->second != extents(tensor)[i]) {
                broken(name_, "求和下标“" + name + "”在两个输入里大小不同。",
                       "the contracted index '" + name + "' has two different extents.");
            }
        }
    }

    double number(const char* attribute, double otherwise) const {
        const auto found = derivation_.attributes.find(attribute);
        const double* value = found == derivation_.attributes.end() ? nullptr : std::get_if<double>(&found->second);
        return value == nullptr ? otherwise : *value;
    }

    std::string text(const char* attribute) const {
        const auto found = derivation_.attributes.find(attribute);
        const auto* value = found == derivation_.attributes.end() ? nullptr : std::get_if<std::string>(&found->second);
        if (value == nullptr)
            broken(name_, std::string("推导缺少属性 ") + attribute + "。",
                   std::string("its derivation lacks the attribute ") + attribute + ".");
        return *value;
    }

    double read(std::size_t input, const Coordinates& at) const {
        const TensorValue& tensor = *sources_[input];
        const std::vector<std::string>& index = derivation_.inputs[input].index;
        std::int64_t flat = 0;
        for (std::size_t i = 0; i < index.size(); ++i) {
            const std::int64_t coordinate = is_number(index[i]) ? std::stoll(index[i]) : at.at(index[i]);
            if (coordinate < 0 || coordinate >= extents(tensor)[i]) {
                broken(name_, "推导读到了“" + derivation_.inputs[input].value + "”之外。",
                       "its derivation reads outside of '" + derivation_.inputs[input].value + "'.");
            }
            flat = flat * extents(tensor)[i] + coordinate;
        }
        return element(tensor, flat);
    }

    /// Calls function once for every setting of the contracted indices.
    template <typename Function>
    void each_contracted(Coordinates at, Function function) const {
        std::int64_t total = 1;
        for (const auto& [name, extent] : contracted_) total *= extent;
        for (std::int64_t flat = 0; flat < total; ++flat) {
            std::int64_t rest = flat;
            for (const auto& [name, extent] : contracted_) {
                at[name] = rest % extent;
                rest /= extent;
            }
            function(at);
        }
    }

    double sum_of_products(const Coordinates& at) const {
        double total = 0.0;
        summed_ = 0.0;
        each_contracted(at, [&](const Coordinates& inner) {
            double product = 1.0;
            for (std::size_t i = 0; i < sources_.size(); ++i) product *= read(i, inner);
            total += product;
            summed_ += std::abs(product);
        });
        return total;
    }

    std::vector<double> along_axis(Coordinates at) const {
        const std::string axis = text("axis");
        std::int64_t extent = 0;
        for (std::size_t i = 0; i < result_.axes.size(); ++i) {
            if (result_.axes[i].name == axis) extent = extents(result_)[i];
        }
        std::vector<double> values;
        for (std::int64_t i = 0; i < extent; ++i) {
            at[axis] = i;
            values.push_back(read(0, at));
        }
        if (values.empty()) broken(name_, "没有名为“" + axis + "”的轴。", "it has no axis '" + axis + "'.");
        return values;
    }

    double softmax(const Coordinates& at) const {
        const std::vector<double> row = along_axis(at);
        const double maximum = *std::max_element(row.begin(), row.end());
        double total = 0.0;
        for (const double x : row) total += glassformer::exp(x - maximum);
        return glassformer::exp(read(0, at) - maximum) / total;
    }

    double norm(const Coordinates& at) const {
        const std::vector<double> row = along_axis(at);
        const auto n = static_cast<double>(row.size());
        const std::string kind = text("kind");
        double center = 0.0;
        double squares = 0.0;
        if (kind == "layer") {
            for (const double x : row) center += x / n;
        }
        for (const double x : row) squares += (x - center) * (x - center);
        const double divisor = kind == "l2" ? squares : squares / n;
        return (read(0, at) - center) / std::sqrt(divisor + number("epsilon", 0.0));
    }

    double lookup(Coordinates at) const {
        const double id = read(1, at);
        for (const auto& [name, extent] : contracted_) at[name] = static_cast<std::int64_t>(id);
        return read(0, at);
    }

    double activation(double x) const {
        const std::string function = text("function");
        if (function == "exp") return glassformer::exp(x);
        if (function == "log") return glassformer::log(x);
        if (function == "tanh") return glassformer::tanh(x);
        if (function == "relu") return x > 0.0 ? x : 0.0;
        if (function == "gelu")
            return 0.5 * x * (1.0 + glassformer::tanh(0.7978845608028654 * (x + 0.044715 * x * x * x)));
        if (function == "silu") return x / (1.0 + glassformer::exp(-x));
        if (function == "sqrt") return std::sqrt(x);
        if (function == "square") return x * x;
        broken(name_, "推导的函数“" + function + "”不存在。",
               "its derivation names an unknown function '" + function + "'.");
    }

    double reduce(const Coordinates& at) const {
        std::vector<double> values;
        each_contracted(at, [&](const Coordinates& inner) { values.push_back(read(0, inner)); });
        const std::string function = text("function");
        const auto n = static_cast<double>(values.size());
        if (function == "max") return *std::max_element(values.begin(), values.end());
        if (function == "min") return *std::min_element(values.begin(), values.end());
        double total = 0.0;
        double squares = 0.0;
        double entropy = 0.0;
        for (const double x : values) {
            total += x;
            squares += x * x;
            if (x > 0.0) entropy -= x * glassformer::log(x);
        }
        if (function == "sum") return total;
        if (function == "mean") return total / n;
        if (function == "norm") return std::sqrt(squares);
        if (function == "entropy") return entropy;
        double variance = 0.0;
        for (const double x : values) variance += (x - total / n) * (x - total / n) / n;
        if (function == "variance") return variance;
        if (function == "std") return std::sqrt(variance);
        broken(name_, "推导的函数“" + function + "”不存在。",
               "its derivation names an unknown function '" + function + "'.");
    }

    double concat(Coordinates at) const {
        const std::string axis = text("axis");
        for (std::size_t i = 0; i < sources_.size(); ++i) {
            const std::vector<std::string>& index = derivation_.inputs[i].index;
            const auto found = std::find(index.begin(), index.end(), axis);
            const std::int64_t extent =
                found == index.end() ? 1 : extents(*sources_[i])[static_cast<std::size_t>(found - index.begin())];
            if (at.at(axis) < extent) return read(i, at);
            at.at(axis) -= extent;
        }
        broken(name_, "拼接的输入不够长。", "the concatenated inputs are too short.");
    }

    const std::string& name_;
    const TensorValue& result_;
    const Derivation& derivation_;
    std::vector<const TensorValue*> sources_;
    std::map<std::string, std::int64_t> contracted_;
    mutable double summed_ = 0.0;
};

void verify_derivation(const std::string& name, const TensorValue& tensor, const Values& values) {
    const Recomputation recomputation(name, tensor, values);
    for (std::int64_t flat = 0; flat < element_count(tensor); ++flat) {
        Coordinates at;
        std::int64_t rest = flat;
        for (std::size_t i = tensor.axes.size(); i-- > 0;) {
            at[tensor.axes[i].name] = rest % extents(tensor)[i];
            rest /= extents(tensor)[i];
        }
        const double shown = element(tensor, flat);
        const double expected = recomputation.cell(at);
        const bool both_nan = shown != shown && expected != expected;
        // A float sum of cancelling terms is only as good as their sizes allow.
        const double tolerance = 1e-5 * std::max(1.0, std::abs(shown)) + 1e-7 * recomputation.summed();
        if (shown == expected || both_nan || std::abs(shown - expected) <= tolerance) continue;
        const std::string cell = std::to_string(flat);
        broken(
            name,
            "第 " + cell + " 个元素是 " + std::to_string(shown) + "，照推导重算是 " + std::to_string(expected) + "。",
            "element " + cell + " is " + std::to_string(shown) + ", but its derivation gives " +
                std::to_string(expected) + ".");
    }
}

void verify_tensor(const Output& output, const TensorValue& tensor) {
    const std::vector<std::int64_t>& shape = extents(tensor);
    if (tensor.axes.size() != shape.size())
        broken(output.name, "轴名的个数与维数不符。", "it has not one name per axis.");
    for (std::size_t i = 0; i < shape.size(); ++i) {
        const bool named = i < output.axes.size() && output.axes[i] == tensor.axes[i].name;
        if (!named || output.axes.size() != shape.size())
            broken(output.name, "轴与声明不符。", "its axes are not those declared.");
        const std::size_t ticks = tensor.axes[i].ticks.size();
        if (ticks != 0 && static_cast<std::int64_t>(ticks) != shape[i]) {
            broken(output.name, "刻度标签的个数与轴的大小不符。", "an axis has not as many ticks as elements.");
        }
    }
    if (tensor.role != output.role) broken(output.name, "角色与声明不符。", "its role is not the one declared.");
    if (output.may_be_non_finite) return;
    for (std::int64_t i = 0; i < element_count(tensor); ++i) {
        if (!std::isfinite(element(tensor, i)))
            broken(output.name, "出现了没有声明的非有限值。", "it holds an undeclared non-finite value.");
    }
}

/// Every name a graph says must be there: ends of wires, groups, the values that its boxes open.
void verify_graph(const std::string& name, const Graph& graph, const Values& values) {
    std::set<std::string> boxes;
    std::set<std::string> groups;
    for (const GraphGroup& group : graph.groups) groups.insert(group.id);
    for (const GraphBox& box : graph.boxes) {
        if (box.id.empty() || !boxes.insert(box.id).second)
            broken(name, "方框“" + box.id + "”没有自己的编号。", "the box '" + box.id + "' has no id of its own.");
        if (!box.value.empty() && values.find(box.value) == nullptr)
            broken(name, "方框 " + box.id + " 要打开“" + box.value + "”，没有这个输出。",
                   "the box " + box.id + " opens '" + box.value + "', which is no output.");
        if (!box.group.empty() && groups.count(box.group) == 0)
            broken(name, "方框 " + box.id + " 的分组“" + box.group + "”不存在。",
                   "the box " + box.id + " stands in a missing group '" + box.group + "'.");
    }
    for (const GraphWire& wire : graph.wires) {
        for (const std::string& end : {wire.from, wire.to}) {
            if (boxes.count(end) == 0)
                broken(name, "有一条连线通向不存在的方框“" + end + "”。",
                       "a wire leads to a missing box '" + end + "'.");
        }
    }
}

}  // namespace

void verify_frame(const Experiment& experiment, const Values& values) {
    for (const auto& [name, value] : values.entries()) {
        const auto declared = std::find_if(experiment.outputs.begin(), experiment.outputs.end(),
                                           [&name = name](const Output& output) { return output.name == name; });
        if (declared == experiment.outputs.end()) broken(name, "没有声明过。", "it was not declared.");
        if (std::string(value_kind_name(value)) != output_kind_name(declared->kind)) {
            broken(name, "种类与声明不符。", "its kind is not the one declared.");
        }
        if (const auto* scalar = std::get_if<Scalar>(&value)) {
            if (!declared->may_be_non_finite && !std::isfinite(scalar->value)) {
                broken(name, "出现了没有声明的非有限值。", "it holds an undeclared non-finite value.");
            }
        }
        if (const auto* tensor = std::get_if<TensorValue>(&value)) {
            verify_tensor(*declared, *tensor);
            if (tensor->derivation) verify_derivation(name, *tensor, values);
        }
        if (const auto* graph = std::get_if<Graph>(&value)) verify_graph(name, *graph, values);
        if (const auto* table = std::get_if<Table>(&value)) {
            const bool same =
                table->columns.size() == declared->axes.size() &&
                std::equal(table->columns.begin(), table->columns.end(), declared->axes.begin(),
                           [](const Column& column, const std::string& wanted) { return column.name == wanted; });
            if (!same) broken(name, "列与声明不符。", "its columns are not those declared.");
        }
    }
    for (const Output& output : experiment.outputs) {
        if (values.find(output.name) == nullptr)
            broken(output.name, "声明了却没有给出。", "it was declared but not given.");
    }
}

}  // namespace glassformer

#include "lesson/view_values.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <optional>

namespace glassformer {
namespace {

using Names = std::vector<std::string>;

std::string listed(const Names& names) {
    std::string text;
    for (std::size_t i = 0; i < names.size() && i < 12; ++i) text += (i == 0 ? "" : ", ") + names[i];
    if (names.size() > 12) text += ", …";
    return text.empty() ? "-" : text;
}

std::string shape_text(const std::vector<std::int64_t>& shape) {
    std::string text;
    for (const std::int64_t extent : shape) text += (text.empty() ? "" : ", ") + std::to_string(extent);
    return "[" + text + "]";
}

/// Which kinds of value a view draws from its member `value` (of its curves, for line and training).
const std::map<std::string, Names>& drawable() {
    static const std::map<std::string, Names> kinds = {
        {"heatmap", {"tensor"}},   {"matrix", {"tensor"}},           {"bar", {"tensor", "table"}},
        {"histogram", {"tensor"}}, {"scatter", {"tensor", "table"}}, {"arcs", {"tensor"}},
        {"image", {"tensor"}},     {"line", {"tensor", "series"}},   {"table", {"table"}},
        {"training", {"series"}},  {"tokens", {"tokens"}},           {"diagram", {"graph"}}};
    return kinds;
}

const Extents& extents_of(const TensorValue& tensor) {
    return std::visit([](const auto& data) -> const Extents& { return data.shape().extents(); }, tensor.data);
}
std::int64_t size_of(const TensorValue& tensor) {
    return std::visit([](const auto& data) { return data.size(); }, tensor.data);
}
Names axis_names(const TensorValue& tensor) {
    Names names;
    for (const Axis& axis : tensor.axes) names.push_back(axis.name);
    return names;
}
std::optional<std::size_t> place(const Names& names, const std::string& name) {
    const auto found = std::find(names.begin(), names.end(), name);
    if (found == names.end()) return {};
    return static_cast<std::size_t>(found - names.begin());
}

/// `name` must be one of `names`, which `what` has.
void allow(const std::string& what, const std::string& name, const Names& names) {
    if (place(names, name)) return;
    throw Error(ErrorKind::unknown_name,
                {what + " 没有“" + name + "”；有 " + listed(names) + "。",
                 what + " has no '" + name + "'; there are " + listed(names) + "."},
                name);
}

[[noreturn]] void unfit(const std::string& name, const std::string& zh, const std::string& en) {
    throw Error(ErrorKind::shape, {"“" + name + "”" + zh, "'" + name + "' " + en}, name);
}

class Checker {
  public:
    Checker(const Values& values, const Attempt& attempt) : values_(values), attempt_(attempt) {}

    /// `stepped`: axes that steppers around this view fix.
    void view(const Json& json, const std::string& path, const Names& stepped) const {
        const std::string kind = json["kind"].get<std::string>();
        if (kind == "line" || kind == "training") return curves(json, kind, path, stepped);
        if (kind == "stepper") return stepper(json, path, stepped);
        if (kind == "formula") return terms(json["latex"], path + ".latex");
        if (!json.contains("value")) return;
        attempt_(path + ".value", [&] {
            const Value& found = output(json["value"].get<std::string>(), drawable().at(kind), kind);
            if (const auto* tensor = std::get_if<TensorValue>(&found)) {
                const std::vector<std::int64_t> left = free_axes(json, *tensor, stepped);
                rank(json, kind, left);
                if (kind == "bar") tensor_only(json, {"columns", "names", "from"});
                if (kind == "scatter") scatter(json, *tensor, left, stepped);
                if (kind == "arcs") arcs(json, left);
                if (kind == "image") image(json, *tensor, left);
            }
            if (const auto* table = std::get_if<Table>(&found)) columns(json, *table);
            if (const auto* tokens = std::get_if<Tokens>(&found)) strips(json, *tokens);
            if (const auto* graph = std::get_if<Graph>(&found)) boxes(json, *graph);
        });
    }

  private:
    const Value& output(const std::string& name) const {
        const Value* found = values_.find(name);
        if (found != nullptr) return *found;
        Names names;
        for (const auto& entry : values_.entries()) names.push_back(entry.first);
        throw Error(ErrorKind::unknown_name,
                    {"没有输出“" + name + "”；有 " + listed(names) + "。",
                     "there is no output '" + name + "'; there are " + listed(names) + "."},
                    name);
    }

    const Value& output(const std::string& name, const Names& kinds, const std::string& view_kind) const {
        const Value& found = output(name);
        const std::string is = value_kind_name(found);
        if (place(kinds, is)) return found;
        throw Error(ErrorKind::wrong_type,
                    {"视图 " + view_kind + " 画 " + listed(kinds) + "，而“" + name + "”是 " + is + "。",
                     "the view " + view_kind + " draws " + listed(kinds) + ", and '" + name + "' is a " + is + "."},
                    name);
    }

    /// The tensor that member `member` names, if there is one.
    const TensorValue* other_tensor(const Json& json, const char* member) const {
        if (!json.contains(member)) return nullptr;
        return &std::get<TensorValue>(output(json[member].get<std::string>(), {"tensor"}, member));
    }

    static void selected(const std::string& name, const Axis& axis, std::int64_t extent, const Json& at) {
        const std::string label = at.is_string() ? at.get<std::string>() : at.dump();
        if (place(axis.ticks, label)) return;
        const bool index = at.is_number_integer() || (axis.ticks.empty() && !label.empty() && label.size() < 10 &&
                                                      label.find_first_not_of("0123456789") == std::string::npos);
        if (!index) return allow(name + "." + axis.name, label, axis.ticks);
        const std::int64_t number = std::stoll(label);
        if (number >= 0 && number < extent) return;
        throw Error(
            ErrorKind::out_of_range,
            {name + "." + axis.name + " 没有第 " + label + " 个；可以是 0 – " + std::to_string(extent - 1) + "。",
             name + "." + axis.name + " has no index " + label + "; allowed are 0 – " + std::to_string(extent - 1) +
                 "."},
            name);
    }

    /// Extents of the axes that `select`, `choose`, `tiles`, `lines`, `groups`, `heads` and steppers leave, in order.
    static std::vector<std::int64_t> free_axes(const Json& json, const TensorValue& tensor, const Names& stepped,
                                               bool shared = false) {
        const std::string name = json["value"].get<std::string>();
        const Names axes = axis_names(tensor);
        const std::vector<std::int64_t>& extents = extents_of(tensor);
        Names gone;
        const auto take = [&](const std::string& axis) {
            if (!shared) allow(name, axis, axes);
            gone.push_back(axis);
        };
        if (json.contains("select")) {
            for (const auto& [axis, at] : json["select"].items()) {
                take(axis);
                if (const auto index = place(axes, axis)) selected(name, tensor.axes[*index], extents[*index], at);
            }
        }
        if (json.contains("choose")) {
            for (const Json& axis : json["choose"]) take(axis.get<std::string>());
        }
        for (const char* member : {"tiles", "lines", "groups", "heads"}) {
            if (json.contains(member)) take(json[member].get<std::string>());
        }
        // In a curve x is the name of the axis along it; it stays.
        if (json.contains("x") && json["x"].is_string()) allow(name, json["x"].get<std::string>(), axes);
        std::vector<std::int64_t> left;
        for (std::size_t i = 0; i < axes.size(); ++i) {
            if (!place(gone, axes[i]) && !place(stepped, axes[i])) left.push_back(extents[i]);
        }
        return left;
    }

    static void rank(const Json& json, const std::string& kind, const std::vector<std::int64_t>& left) {
        static const std::map<std::string, std::pair<std::size_t, std::size_t>> wanted = {
            {"heatmap", {1, 2}}, {"matrix", {1, 2}}, {"bar", {1, 1}},  {"scatter", {2, 2}},
            {"arcs", {2, 2}},    {"image", {2, 3}},  {"curve", {1, 1}}};
        const auto found = wanted.find(kind);
        if (found == wanted.end()) return;
        const auto [least, most] = found->second;
        if (left.size() >= least && left.size() <= most) return;
        const std::string count =
            least == most ? std::to_string(least) : std::to_string(least) + " – " + std::to_string(most);
        unfit(json["value"].get<std::string>(),
              "选定之后剩 " + std::to_string(left.size()) + " 个轴，" + kind + " 要 " + count +
                  " 个；用 select 或 choose 定住其余的。",
              "leaves " + std::to_string(left.size()) + " axes, and " + kind + " draws " + count +
                  "; fix the others with select or choose.");
    }

    /// Members that only mean something for a table.
    static void tensor_only(const Json& json, const Names& members) {
        for (const std::string& member : members) {
            if (json.contains(member))
                unfit(json["value"].get<std::string>(), "不是表，不能用 " + member + "。",
                      "is no table, so that '" + member + "' means nothing.");
        }
    }

    static void same_size(const std::string& name, std::int64_t size, std::int64_t wanted, const char* member) {
        if (size == wanted) return;
        unfit(name, "有 " + std::to_string(size) + " 个数，作 " + member + " 要 " + std::to_string(wanted) + " 个。",
              "has " + std::to_string(size) + " numbers; as " + member + " it needs " + std::to_string(wanted) + ".");
    }

    void curves(const Json& json, const std::string& kind, const std::string& path, const Names& stepped) const {
        Names chosen;
        if (json.contains("choose")) chosen = json["choose"].get<Names>();
        Names known;
        for (std::size_t i = 0; i < json["curves"].size(); ++i) {
            const Json& curve = json["curves"][i];
            attempt_(path + ".curves[" + std::to_string(i) + "].value", [&] {
                const Value& found = output(curve["value"].get<std::string>(), drawable().at(kind), kind);
                const auto* tensor = std::get_if<TensorValue>(&found);
                if (tensor == nullptr) return;
                const Names axes = axis_names(*tensor);
                known.insert(known.end(), axes.begin(), axes.end());
                Names fixed = stepped;
                fixed.insert(fixed.end(), chosen.begin(), chosen.end());
                const std::vector<std::int64_t> left = free_axes(curve, *tensor, fixed);
                rank(curve, "curve", left);
                for (const char* edge : {"low", "high"}) {
                    if (const TensorValue* band = other_tensor(curve, edge))
                        same_size(curve[edge].get<std::string>(), size_of(*band), size_of(*tensor), edge);
                }
            });
        }
        attempt_(path + ".choose", [&] {
            for (const std::string& axis : chosen) allow("curves", axis, known);
        });
    }

    void stepper(const Json& json, const std::string& path, Names stepped) const {
        if (json.contains("axis")) {
            const std::string axis = json["axis"].get<std::string>();
            attempt_(path + ".axis", [&] {
                Names known;
                axes_in(json["views"], known);
                allow("views", axis, known);
            });
            stepped.push_back(axis);
        }
        for (std::size_t i = 0; i < json["views"].size(); ++i)
            view(json["views"][i], path + ".views[" + std::to_string(i) + "]", stepped);
    }

    void axes_in(const Json& views, Names& names) const {
        const auto add = [&](const Json& json) {
            if (!json.contains("value")) return;
            const Value* found = values_.find(json["value"].get<std::string>());
            const auto* tensor = found == nullptr ? nullptr : std::get_if<TensorValue>(found);
            if (tensor == nullptr) return;
            for (const std::string& axis : axis_names(*tensor)) {
                if (!place(names, axis)) names.push_back(axis);
            }
        };
        for (const Json& view : views) {
            add(view);
            if (view.contains("curves")) {
                for (const Json& curve : view["curves"]) add(curve);
            }
            if (view.contains("views")) axes_in(view["views"], names);
        }
    }

    void scatter(const Json& json, const TensorValue& tensor, const std::vector<std::int64_t>& left,
                 const Names& stepped) const {
        const std::string name = json["value"].get<std::string>();
        tensor_only(json, {"columns", "names"});
        const std::int64_t points = left[0];
        if (left[1] < 2)
            unfit(name, "只有 " + std::to_string(left[1]) + " 维，散点图要两维。",
                  "has " + std::to_string(left[1]) + " dimension; a scatter draws two.");
        if (json.contains("dimensions")) {
            const Axis& axis = tensor.axes.back();
            for (const Json& at : json["dimensions"]) selected(name, axis, extents_of(tensor).back(), at);
        }
        if (const TensorValue* color = other_tensor(json, "color"))
            same_size(json["color"].get<std::string>(), size_of(*color), points, "color");
        if (const TensorValue* to = other_tensor(json, "to"))
            same_size(json["to"].get<std::string>(), size_of(*to), size_of(tensor), "to");
        if (const TensorValue* background = other_tensor(json, "background")) {
            Json own{{"value", json["background"]}};
            for (const char* member : {"select", "choose"}) {
                if (json.contains(member)) own[member] = json[member];
            }
            if (const auto free = free_axes(own, *background, stepped, true); free.size() != 2) {
                unfit(json["background"].get<std::string>(), "作底图要剩下 [y, x] 两个轴。",
                      "needs two axes [y, x] as a background.");
            }
        }
    }

    void arcs(const Json& json, const std::vector<std::int64_t>& left) const {
        const bool cross = json.contains("key_tokens");
        for (const char* member : {"tokens", "key_tokens"}) {
            if (!json.contains(member)) continue;
            const std::string name = json[member].get<std::string>();
            const std::int64_t pieces = piece_count(std::get<Tokens>(output(name, {"tokens"}, "arcs")), {});
            same_size(name, pieces, left[std::string(member) == "tokens" ? 0 : 1], member);
            if (std::string(member) == "tokens" && !cross) same_size(name, pieces, left[1], member);
        }
    }

    void image(const Json& json, const TensorValue& tensor, const std::vector<std::int64_t>& left) const {
        const std::string name = json["value"].get<std::string>();
        if (left.size() == 3 && left[2] != 3)
            unfit(name, "的第三个轴要是 3 个颜色，却是 " + std::to_string(left[2]) + "。",
                  "needs three colours as its third axis and has " + std::to_string(left[2]) + ".");
        const std::int64_t patch = json.contains("patch") ? json["patch"].get<std::int64_t>() : 1;
        if (left[0] % patch != 0 || left[1] % patch != 0)
            unfit(name, shape_text(left) + " 切不成边长 " + std::to_string(patch) + " 的块。",
                  shape_text(left) + " is not made of patches of side " + std::to_string(patch) + ".");
        if (const TensorValue* overlay = other_tensor(json, "overlay")) {
            std::int64_t wanted = left[0] / patch * (left[1] / patch);
            if (json.contains("tiles")) {
                const auto axis = place(axis_names(tensor), json["tiles"].get<std::string>());
                const bool each = size_of(*overlay) != wanted;
                if (each) wanted *= extents_of(tensor)[*axis];
            }
            same_size(json["overlay"].get<std::string>(), size_of(*overlay), wanted, "overlay");
        }
    }

    void columns(const Json& json, const Table& table) const {
        const std::string name = json["value"].get<std::string>();
        Names all;
        Names numbers;
        for (const Column& column : table.columns) {
            all.push_back(column.name);
            if (column.kind != Column::Kind::text) numbers.push_back(column.name);
        }
        const bool drawn = json["kind"] != "table";
        if (drawn) {
            for (const char* member : {"select", "choose", "groups", "dimensions", "background", "to"}) {
                if (json.contains(member))
                    unfit(name, std::string("是表，不能用 ") + member + "。",
                          std::string("is a table, so that '") + member + "' means nothing.");
            }
            if (!json.contains("columns"))
                unfit(name, "是表，要写明画哪些列（columns）。", "is a table; 'columns' must say which are drawn.");
        }
        if (json.contains("columns")) {
            for (const Json& column : json["columns"]) allow(name, column.get<std::string>(), drawn ? numbers : all);
        }
        if (json.contains("bars")) {
            for (const Json& column : json["bars"]) allow(name, column.get<std::string>(), numbers);
        }
        if (json.contains("sort") && json["sort"].is_object())
            allow(name, json["sort"]["column"].get<std::string>(), all);
        for (const char* member : {"names", "color"}) {
            if (json.contains(member)) allow(name, json[member].get<std::string>(), all);
        }
        if (json.contains("from")) allow(name, json["from"].get<std::string>(), numbers);
    }

    static std::int64_t piece_count(const Tokens& tokens, const Names& strips) {
        std::int64_t count = 0;
        for (const Strip& strip : tokens.strips) {
            if (strips.empty() || place(strips, strip.label)) count += static_cast<std::int64_t>(strip.pieces.size());
        }
        return count;
    }

    void strips(const Json& json, const Tokens& tokens) const {
        const std::string name = json["value"].get<std::string>();
        Names labels;
        for (const Strip& strip : tokens.strips) labels.push_back(strip.label);
        Names wanted;
        if (json.contains("strips")) wanted = json["strips"].get<Names>();
        for (const std::string& strip : wanted) allow(name, strip, labels);
        if (const TensorValue* weights = other_tensor(json, "weights"))
            same_size(json["weights"].get<std::string>(), size_of(*weights), piece_count(tokens, wanted), "weights");
    }

    void boxes(const Json& json, const Graph& graph) const {
        const std::string name = json["value"].get<std::string>();
        Names ids;
        for (const GraphBox& box : graph.boxes) ids.push_back(box.id);
        if (json.contains("open")) allow(name, json["open"].get<std::string>(), ids);
        if (const TensorValue* weights = other_tensor(json, "weights")) {
            const std::string of = json["weights"].get<std::string>();
            if (weights->axes.size() != 1)
                unfit(of, "要恰有一个轴，刻度是方框的编号。", "needs one axis whose ticks are ids of boxes.");
            for (const std::string& tick : weights->axes[0].ticks) allow(name, tick, ids);
            same_size(of, static_cast<std::int64_t>(weights->axes[0].ticks.size()), size_of(*weights), "weights");
        }
    }

    /// \term{name}{...} links a piece of a formula to an output.
    void terms(const Json& lines, const std::string& path) const {
        for (std::size_t i = 0; i < lines.size(); ++i) {
            const std::string line = lines[i].get<std::string>();
            const std::string mark = "\\term{";
            for (std::size_t at = line.find(mark); at != std::string::npos; at = line.find(mark, at + 1)) {
                const std::size_t begin = at + mark.size();
                const std::size_t end = line.find('}', begin);
                attempt_(path + "[" + std::to_string(i) + "]", [&] { output(line.substr(begin, end - begin)); });
            }
        }
    }

    const Values& values_;
    const Attempt& attempt_;
};

}  // namespace

void check_view_values(const Json& view, const Values& values, const std::string& path, const Attempt& attempt) {
    Checker(values, attempt).view(view, path, {});
}

}  // namespace glassformer

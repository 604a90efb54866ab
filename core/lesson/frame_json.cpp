#include <cmath>
#include <cstring>

#include "lesson/protocol.h"

namespace glassformer {
namespace {

/// Where tensors' elements go: into a buffer beside the header, or (for the command line) into the header itself.
struct Sink {
    std::vector<std::uint8_t>* buffer = nullptr;
    std::map<std::string, std::size_t>* series_read = nullptr;
};

bool is_integer(const std::string& text) {
    const std::size_t start = !text.empty() && text[0] == '-' ? 1 : 0;
    if (text.size() == start || text.size() > 12) return false;
    for (std::size_t i = start; i < text.size(); ++i) {
        if (text[i] < '0' || text[i] > '9') return false;
    }
    return true;
}

Json derivation_json(const Derivation& derivation) {
    Json inputs = Json::array();
    for (const DerivationInput& input : derivation.inputs) {
        Json index = Json::array();
        for (const std::string& entry : input.index) {
            if (is_integer(entry))
                index.push_back(std::stoll(entry));
            else
                index.push_back(entry);
        }
        inputs.push_back({{"value", input.value}, {"index", std::move(index)}});
    }
    Json attributes = Json::object();
    for (const auto& [name, value] : derivation.attributes) {
        if (const auto* number = std::get_if<double>(&value)) {
            // A fill of -inf has no place in JSON but its name.
            attributes[name] = std::isfinite(*number) ? Json(*number) : Json(non_finite_name(*number));
        } else {
            attributes[name] = std::get<std::string>(value);
        }
    }
    return {{"op", operation_name(derivation.operation)},
            {"inputs", std::move(inputs)},
            {"attributes", std::move(attributes)}};
}

const char* dtype_name(const Tensor&) { return "float32"; }
const char* dtype_name(const DoubleTensor&) { return "float64"; }
const char* dtype_name(const IntTensor&) { return "int32"; }
const char* dtype_name(const BoolTensor&) { return "bool"; }

Json tensor_json(const TensorValue& tensor, const Sink& sink) {
    Json json{{"kind", "tensor"}};
    Json data = Json::array();
    std::visit(
        [&](const auto& elements) {
            json["dtype"] = dtype_name(elements);
            json["shape"] = elements.shape().extents();
            json["axes"] = Json::array();
            for (const Axis& axis : tensor.axes) {
                Json entry{{"name", axis.name}};
                if (!axis.ticks.empty()) entry["ticks"] = axis.ticks;
                json["axes"].push_back(std::move(entry));
            }
            json["role"] = role_name(tensor.role);
            if (sink.buffer != nullptr) {
                std::vector<std::uint8_t>& buffer = *sink.buffer;
                buffer.resize((buffer.size() + 7) / 8 * 8);
                json["offset"] = buffer.size();
                json["size"] = elements.size();
                const auto span = elements.elements();
                const std::size_t begin = buffer.size();
                buffer.resize(begin + span.size_bytes());
                if (!span.empty()) std::memcpy(buffer.data() + begin, span.data(), span.size_bytes());
            } else {
                for (const auto element : elements.elements()) {
                    const auto value = static_cast<double>(element);
                    data.push_back(std::isfinite(value) ? Json(element) : Json(non_finite_name(value)));
                }
            }
        },
        tensor.data);
    if (sink.buffer == nullptr) json["data"] = std::move(data);
    if (tensor.derivation) json["derivation"] = derivation_json(*tensor.derivation);
    return json;
}

Json table_json(const Table& table) {
    static const char* const kinds[] = {"text", "integer", "number", "boolean"};
    Json columns = Json::array();
    for (const Column& column : table.columns) {
        columns.push_back({{"name", column.name},
                           {"kind", kinds[static_cast<int>(column.kind)]},
                           {"label", text_json(column.label)}});
    }
    Json rows = Json::array();
    for (const auto& cells : table.rows) {
        Json row = Json::array();
        for (const Table::Cell& cell : cells) {
            const auto* number = std::get_if<double>(&cell);
            if (number != nullptr && !std::isfinite(*number))
                row.push_back(non_finite_name(*number));
            else
                std::visit([&](const auto& value) { row.push_back(value); }, cell);
        }
        rows.push_back(std::move(row));
    }
    return {{"kind", "table"}, {"columns", std::move(columns)}, {"rows", std::move(rows)}};
}

Json tokens_json(const Tokens& tokens) {
    Json strips = Json::array();
    for (const Strip& strip : tokens.strips) {
        Json pieces = Json::array();
        for (const Piece& piece : strip.pieces) {
            Json entry{{"id", piece.id}, {"text", piece.text}, {"span", {piece.begin, piece.end}}};
            if (!piece.bytes.empty()) entry["bytes"] = piece.bytes;
            if (piece.fragments > 0) {
                entry["fragment"] = piece.fragment;
                entry["fragments"] = piece.fragments;
            }
            if (piece.continues_word) entry["continues_word"] = true;
            if (piece.unknown) entry["unknown"] = true;
            pieces.push_back(std::move(entry));
        }
        strips.push_back(
            {{"label", strip.label}, {"source", strip.source}, {"count", strip.count}, {"pieces", std::move(pieces)}});
    }
    return {{"kind", "tokens"}, {"strips", std::move(strips)}};
}

Json graph_json(const Graph& graph) {
    Json boxes = Json::array();
    for (const GraphBox& box : graph.boxes) {
        Json entry{{"id", box.id}, {"label", text_json(box.label)}, {"shape", box.shape}};
        if (!box.value.empty()) entry["value"] = box.value;
        if (box.role != Role::none) entry["role"] = role_name(box.role);
        if (!box.group.empty()) entry["group"] = box.group;
        if (box.quiet) entry["quiet"] = true;
        boxes.push_back(std::move(entry));
    }
    Json wires = Json::array();
    for (const GraphWire& wire : graph.wires) {
        Json entry{{"from", wire.from}, {"to", wire.to}};
        if (!wire.label.en.empty() || !wire.label.zh.empty()) entry["label"] = text_json(wire.label);
        if (wire.lit) entry["lit"] = true;
        wires.push_back(std::move(entry));
    }
    Json groups = Json::array();
    for (const GraphGroup& group : graph.groups)
        groups.push_back({{"id", group.id}, {"label", text_json(group.label)}});
    return {{"kind", "graph"}, {"boxes", std::move(boxes)}, {"wires", std::move(wires)}, {"groups", std::move(groups)}};
}

Json series_json(const std::string& name, const Series& series, const Sink& sink) {
    std::size_t from = 0;
    if (sink.series_read != nullptr) {
        std::size_t& read = (*sink.series_read)[name];
        from = std::min(read, series.points.size());
        read = series.points.size();
    }
    Json points = Json::array();
    for (std::size_t i = from; i < series.points.size(); ++i) {
        points.push_back({number_json(series.points[i][0]), number_json(series.points[i][1])});
    }
    return {{"kind", "series"}, {"x", series.x_name}, {"from", from}, {"points", std::move(points)}};
}

Json value_json(const std::string& name, const Value& value, const Sink& sink) {
    if (const auto* scalar = std::get_if<Scalar>(&value)) {
        Json json{{"kind", "scalar"}, {"value", number_json(scalar->value)}};
        if (!std::isfinite(scalar->value)) json["nonfinite"] = non_finite_name(scalar->value);
        return json;
    }
    if (const auto* text = std::get_if<Text>(&value)) return {{"kind", "text"}, {"text", text_json(*text)}};
    if (const auto* tensor = std::get_if<TensorValue>(&value)) return tensor_json(*tensor, sink);
    if (const auto* series = std::get_if<Series>(&value)) return series_json(name, *series, sink);
    if (const auto* table = std::get_if<Table>(&value)) return table_json(*table);
    if (const auto* tokens = std::get_if<Tokens>(&value)) return tokens_json(*tokens);
    return graph_json(std::get<Graph>(value));
}

Json header_json(const Run& run, const Values& values, const Sink& sink) {
    Json json = position_json(run);
    Json entries = Json::object();
    for (const auto& [name, value] : values.entries()) entries[name] = value_json(name, value, sink);
    json["values"] = std::move(entries);
    const Cost& cost = run.cost();
    json["cost"] = {{"flops", cost.flops}, {"bytes", cost.bytes}, {"matmuls", cost.matmuls}};
    return json;
}

}  // namespace

Json position_json(const Run& run) {
    return {{"sequence", run.sequence()},
            {"progress", {{"done", run.frame().done()}, {"total", run.frame().total()}}},
            {"last", run.last()}};
}

Json frame_json(const Run& run, const Values& values, std::map<std::string, std::size_t>& series_read,
                std::vector<std::uint8_t>& buffer) {
    buffer.clear();
    return header_json(run, values, {&buffer, &series_read});
}

Json frame_json_with_data(const Run& run, const Values& values) { return header_json(run, values, {}); }

}  // namespace glassformer

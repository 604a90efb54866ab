#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/error.h"
#include "tensor/tensor.h"

/// What a frame can hold. An experiment never knows how a value is drawn; it says what the value *is*.
namespace glassformer {

/// What a tensor means; fixes its colour on the page.
enum class Role {
    none,
    query,
    key,
    value,
    score,
    mask,
    probability,
    gradient,
    weight,
    activation,
    position,
    loss,
    count
};

/// One axis of a tensor: the name used in derivations, checks and pictures, and a label per index if there are any.
struct Axis {
    std::string name;                ///< "query", "key", "d_k", "mode": unique within the tensor
    std::vector<std::string> ticks;  ///< empty, or as many as the extent
};

enum class Operation { matmul, add, scale, softmax, mask, norm, lookup, activation, reduce, permute, concat };

/// Where one input of a derivation is read. `index` has one entry per axis of the input: the name of an axis of the
/// *result* (that coordinate is used), any other name (a contracted index, run over in full), or a number (fixed).
struct DerivationInput {
    std::string value;
    std::vector<std::string> index;
};

/// How a tensor was made from other values of the same frame, so that a view can explain any cell with real numbers.
///   matmul      product of the inputs summed over contracted indices, times attribute `factor` (default 1)
///   add         sum of the inputs;  scale: input times `factor`
///   softmax     over axis `axis` of the result;  norm: `kind` l2 | layer | rms over `axis`, with `epsilon`
///   mask        input where the second input is non-zero, else `fill`
///   lookup      row of the first input named by the second (ids)
///   activation  `function` exp | log | tanh | relu | gelu | silu | sqrt | square of the input
///   reduce      `function` sum | mean | max | min | variance | std | norm | entropy over the contracted indices
///   permute     the same element under another index order;  concat: inputs one after the other along `axis`
struct Derivation {
    Operation operation = Operation::permute;
    std::vector<DerivationInput> inputs;
    std::map<std::string, std::variant<double, std::string>> attributes = {};
};

struct Scalar {
    double value = 0.0;  ///< may be non-finite: reported by name, drawn as such
};

/// A tensor of floats (activations, probabilities), of doubles (exact results) or of integers (ids, counts).
struct TensorValue {
    std::variant<Tensor, DoubleTensor, IntTensor, BoolTensor> data;
    std::vector<Axis> axes;  ///< one per axis of the tensor
    Role role = Role::none;
    std::optional<Derivation> derivation = {};
};

/// A curve that grows as the run advances. The frame always holds it whole; the protocol sends what was added.
struct Series {
    std::string x_name;  ///< "update"
    std::vector<std::array<double, 2>> points;
};

struct Column {
    enum class Kind { text, integer, number, boolean };
    std::string name;
    Kind kind = Kind::text;
    Text label = {};
};

/// Rows are addressed in checks as table[column=text][other column].
struct Table {
    using Cell = std::variant<std::string, std::int64_t, double, bool>;
    std::vector<Column> columns;
    std::vector<std::vector<Cell>> rows;
};

/// A piece of text as a tokenizer cut it. The span counts characters (Unicode code points) of the source.
struct Piece {
    std::int32_t id = 0;
    std::string text;  ///< valid UTF-8, as one shows it; for a fragment of a character: the whole character
    std::int64_t begin = 0;
    std::int64_t end = 0;
    std::string bytes = {};       ///< hexadecimal "E7 8B" when the piece is not whole characters, else empty
    std::int32_t fragment = 0;    ///< 1-based: which of the pieces that share this character; 0 if whole
    std::int32_t fragments = 0;   ///< how many pieces share it
    bool continues_word = false;  ///< WordPiece's ##
    bool unknown = false;         ///< [UNK]
};

/// Strips of pieces: one for a probe text, several for the word types of a corpus.
struct Strip {
    std::string label;   ///< "lowest", or empty
    std::string source;  ///< the text the spans point into
    std::int64_t count = 1;
    std::vector<Piece> pieces;
};
struct Tokens {
    std::vector<Strip> strips;
};

struct GraphBox {
    std::string id;
    Text label;
    std::string shape;       ///< "[n, d_model]"
    std::string value;       ///< name of the frame's value to open, or empty
    Role role = Role::none;  ///< its colour: weight for parameters, query, key, value, ...
    std::string group = {};  ///< id of the group it stands in, or empty
    bool quiet = false;      ///< drawn grey: frozen, switched off
};
struct GraphWire {
    std::string from;
    std::string to;
    Text label = {};
    bool lit = false;  ///< drawn strong: the path the experiment is about
};
/// Boxes framed together: a layer, a block that repeats.
struct GraphGroup {
    std::string id;
    Text label;
};
struct Graph {
    std::vector<GraphBox> boxes;
    std::vector<GraphWire> wires;
    std::vector<GraphGroup> groups = {};
};

using Value = std::variant<Scalar, Text, TensorValue, Series, Table, Tokens, Graph>;

/// Lower-case names as they stand in JSON.
const char* role_name(Role role);
const char* operation_name(Operation operation);
const char* value_kind_name(const Value& value);  ///< scalar, text, tensor, series, table, tokens, graph

/// Shorthands that keep an experiment readable.
TensorValue tensor_value(Tensor data, std::vector<Axis> axes, Role role = Role::none,
                         std::optional<Derivation> derivation = {});

}  // namespace glassformer

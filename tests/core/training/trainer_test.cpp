#include "training/trainer.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "autograd/operations.h"
#include "base/error.h"
#include "support/catch.h"
#include "training/checkpoint.h"

using namespace glassformer;

namespace {

constexpr float not_a_number = std::numeric_limits<float>::quiet_NaN();

/// The error that `what` throws; a fresh internal one with the text "nothing thrown" if it throws none.
Error error_of(const std::function<void()>& what) {
    try {
        what();
    } catch (const Error& error) {
        return error;
    }
    return Error(ErrorKind::internal, {"没有抛出", "nothing thrown"});
}

bool same_bits(const Tensor& a, const Tensor& b) {
    return a.shape() == b.shape() && std::equal(a.elements().begin(), a.elements().end(), b.elements().begin());
}
bool same_weights(const Trainer& a, const Trainer& b) {
    const NamedParameters ours = a.task().parameters();
    const NamedParameters theirs = b.task().parameters();
    for (std::size_t p = 0; p < ours.size(); ++p) {
        if (!same_bits(ours[p].second.value(), theirs[p].second.value())) return false;
    }
    return ours.size() == theirs.size();
}

TrainingSettings small(const Recipe& recipe, std::int64_t updates) {
    TrainingSettings settings = recipe.settings;
    settings.updates = updates;
    settings.batch = 3;
    settings.warmup = 2;
    return settings;
}

void advance(Trainer& trainer, std::int64_t updates) {
    for (std::int64_t i = 0; i < updates; ++i) trainer.advance();
}

Safetensors file_of(const std::vector<std::byte>& bytes) { return Safetensors::from_memory(bytes); }

/// (w - x)^2 with x from the data; what an update meets is up to the test.
class Line : public TrainingTask {
  public:
    explicit Line(std::function<Variable(std::int64_t, const Variable&)> edit = {}) : edit_(std::move(edit)) {}
    NamedParameters parameters() const override { return {{"w", w_}}; }
    Loss loss(std::int64_t batch, Rng rng) const override {
        ++update_;
        Tensor x = random_normal({batch}, rng);
        const Variable difference = subtract(broadcast_to(w_, {batch}), Variable(x));
        const Variable loss = mean(multiply(difference, difference));
        return {edit_ ? edit_(update_, loss) : loss, batch};
    }
    std::vector<Measure> measure(std::int64_t, Rng) const override { return {}; }

  private:
    Variable w_ = Variable(Tensor({1}, 0.5F), true);
    std::function<Variable(std::int64_t, const Variable&)> edit_;
    mutable std::int64_t update_ = 0;
};

}  // namespace

TEST_CASE("every recipe: interrupted and resumed gives the same bits as without a break") {
    for (const Recipe& recipe : recipes()) {
        INFO(recipe.name);
        const TrainingSettings settings = small(recipe, 6);
        Trainer whole(recipe, settings);
        advance(whole, 6);
        CHECK(whole.finished());

        Trainer first(recipe, settings);
        advance(first, 2);
        const std::vector<std::byte> saved = first.resume_bytes();
        advance(first, 1);  // lost: it is made again
        Trainer second(recipe, resume_settings(file_of(saved), recipe.name));
        second.resume(file_of(saved));
        CHECK(second.updates() == 2);
        CHECK_FALSE(same_weights(first, second));
        advance(second, 4);
        CHECK(same_weights(whole, second));
        CHECK(whole.curve() == second.curve());
        CHECK(std::ranges::equal(whole.resume_bytes(), second.resume_bytes()));

        TrainingSettings other = settings;
        other.seed = 2;
        Trainer another(recipe, other);
        another.advance();
        CHECK(another.curve()[0] != whole.curve()[0]);
        CHECK(error_of([&] { another.resume(file_of(saved)); }).kind() == ErrorKind::constraint);
    }
}

TEST_CASE("every recipe learns: twenty updates lower its loss") {
    for (const Recipe& recipe : recipes()) {
        TrainingSettings settings = small(recipe, 20);
        settings.batch = 16;
        Trainer trainer(recipe, settings);
        advance(trainer, 20);
        const auto& curve = trainer.curve();
        INFO(recipe.name << ": " << curve.front() << " to " << curve.back());
        CHECK(curve.back() < 0.93F * curve.front());
        CHECK(trainer.tokens() > 0);
    }
}

TEST_CASE("a training that cannot be is refused") {
    const Recipe& recipe = find_recipe("running-sum");
    const auto with = [&](auto change) {
        TrainingSettings settings = recipe.settings;
        change(settings);
        return error_of([&] { Trainer(recipe, settings); });
    };
    CHECK(with([](TrainingSettings& s) { s.batch = 0; }).parameter() == "batch");
    CHECK(with([](TrainingSettings& s) { s.batch = 4097; }).parameter() == "batch");
    CHECK(with([](TrainingSettings& s) { s.updates = 0; }).parameter() == "updates");
    CHECK(with([](TrainingSettings& s) { s.warmup = -1; }).parameter() == "warmup");
    for (const double rate : {0.0, -1.0, static_cast<double>(not_a_number), static_cast<double>(INFINITY)}) {
        const Error error = with([&](TrainingSettings& s) { s.rate = rate; });
        CHECK(error.kind() == ErrorKind::out_of_range);
        CHECK(error.parameter() == "rate");
    }
    CHECK(error_of([] { find_recipe("gpt-maxi"); }).kind() == ErrorKind::unknown_name);
}

TEST_CASE("a rate that diverges stops the run with its curve kept") {
    const Recipe& recipe = find_recipe("running-sum");
    TrainingSettings settings = small(recipe, 500);
    settings.rate = 30.0;
    Trainer trainer(recipe, settings);
    const Error error = error_of([&] { advance(trainer, 500); });
    CHECK(error.parameter() == "rate");
    CHECK(trainer.updates() > 10);
    CHECK(trainer.updates() < 100);
    CHECK(static_cast<std::int64_t>(trainer.curve().size()) == trainer.updates());
    // It stays where it is, and what was saved there says the same.
    const std::int64_t before = trainer.updates();
    CHECK(error_of([&] { trainer.advance(); }).parameter() == "rate");
    CHECK(trainer.updates() == before);
    Trainer again(recipe, settings);
    again.resume(file_of(trainer.resume_bytes()));
    CHECK(again.curve() == trainer.curve());
    CHECK(error_of([&] { again.advance(); }).parameter() == "rate");
}

TEST_CASE("NaN in the data or in a gradient stops the run as it was before that update") {
    const TrainingSettings settings{.updates = 20, .batch = 4, .rate = 0.1, .warmup = 0};
    const auto damaged = [&](const std::function<Variable(const Variable&)>& damage) {
        return std::make_unique<Trainer>("line", std::make_unique<Line>([=](std::int64_t update, const Variable& loss) {
                                             return update == 5 ? damage(loss) : loss;
                                         }),
                                         settings);
    };
    Trainer sound("line", std::make_unique<Line>(), settings);
    advance(sound, 4);

    const auto data = damaged([](const Variable& loss) { return scale(loss, not_a_number); });
    const Error in_data = error_of([&] { advance(*data, 20); });
    CHECK(in_data.kind() == ErrorKind::non_finite);
    CHECK(in_data.message().en.find("update 5") != std::string::npos);
    CHECK(in_data.message().zh.find("第 5 次") != std::string::npos);
    CHECK(data->updates() == 4);
    CHECK(data->curve() == sound.curve());
    CHECK(same_weights(*data, sound));

    const auto gradient = damaged([](const Variable& loss) {
        return Variable(loss.value(), {loss}, [parent = loss.node()](Variable::Node& node) {
            parent->accumulate(Tensor(node.value.shape(), not_a_number));
        });
    });
    const Error in_gradient = error_of([&] { advance(*gradient, 20); });
    CHECK(in_gradient.kind() == ErrorKind::non_finite);
    CHECK(in_gradient.parameter() == "w");
    CHECK(gradient->curve() == sound.curve());
    CHECK(same_weights(*gradient, sound));
    // The damage leaves no trace: the next batch is sound, and the run can go on.
    gradient->advance();
    CHECK(std::isfinite(gradient->task().parameters()[0].second.value()[0]));
}

TEST_CASE("a resume file that is cut off, of another model, or damaged changes nothing") {
    const Recipe& recipe = find_recipe("running-sum");
    const TrainingSettings settings = small(recipe, 8);
    Trainer trainer(recipe, settings);
    advance(trainer, 3);
    const std::vector<std::byte> saved = trainer.resume_bytes();
    Trainer fresh(recipe, settings);
    const Trainer untouched(recipe, settings);
    for (std::size_t length = 0; length < saved.size(); length += 1 + length / 3) {
        const std::vector<std::byte> cut(saved.begin(), saved.begin() + static_cast<std::ptrdiff_t>(length));
        INFO("cut to " << length << " bytes");
        CHECK(error_of([&] { fresh.resume(file_of(cut)); }).kind() == ErrorKind::malformed);
    }
    const std::vector<std::byte> short_by_one(saved.begin(), saved.end() - 1);
    CHECK(error_of([&] { fresh.resume(file_of(short_by_one)); }).kind() == ErrorKind::malformed);

    const Recipe& unmasked = find_recipe("running-sum-unmasked");
    Trainer other(unmasked, small(unmasked, 8));
    CHECK(error_of([&] { fresh.resume(file_of(other.resume_bytes())); }).kind() == ErrorKind::constraint);
    const std::vector<std::byte> weights = checkpoint_bytes("running-sum", trainer.task().parameters());
    CHECK(error_of([&] { fresh.resume(file_of(weights)); }).kind() == ErrorKind::constraint);

    // Files that are whole but wrong: rewritten tensor by tensor.
    const auto rewritten = [&](const std::function<void(const std::string&, Tensor&)>& change,
                               std::string config = "") {
        const Safetensors file = file_of(saved);
        SafetensorsWriter writer;
        for (const TensorInfo& info : file.tensors()) {
            Tensor tensor = file.floats(info.name);
            change(info.name, tensor);
            writer.add(info.name, tensor);
        }
        for (const auto& [key, value] : file.metadata())
            writer.set_metadata(key, key == "settings" && !config.empty() ? config : value);
        return writer.bytes();
    };
    const auto kind_after = [&](const std::vector<std::byte>& bytes) {
        return error_of([&] { fresh.resume(file_of(bytes)); }).kind();
    };
    CHECK(kind_after(rewritten([](const std::string& name, Tensor& tensor) {
              if (name == "state.second.target_embedding.token.weight") tensor[7] = not_a_number;
          })) == ErrorKind::non_finite);
    CHECK(kind_after(rewritten([](const std::string& name, Tensor& tensor) {
              if (name == "curve") tensor = Tensor({2});
          })) == ErrorKind::malformed);
    CHECK(kind_after(rewritten([](const std::string& name, Tensor& tensor) {
              if (name == "weight.target_embedding.token.weight") tensor = Tensor({2, 2});
          })) == ErrorKind::shape);
    const auto untouched_tensors = [](const std::string&, Tensor&) {};
    CHECK(kind_after(rewritten(untouched_tensors, "{")) == ErrorKind::malformed);
    CHECK(kind_after(rewritten(untouched_tensors, R"({"seed": 1, "updates": 8, "batch": 0, "rate": 0.003})")) ==
          ErrorKind::out_of_range);
    CHECK(same_weights(fresh, untouched));
    CHECK(fresh.updates() == 0);
    CHECK(fresh.curve().empty());
    fresh.resume(file_of(rewritten(untouched_tensors)));
    CHECK(same_weights(fresh, trainer));
}

TEST_CASE("a checkpoint holds its model's weights to half precision, and no other model takes it") {
    const Recipe& recipe = find_recipe("running-sum");
    const auto made = recipe.make(Rng(1));
    const auto other = recipe.make(Rng(2));
    const std::vector<std::byte> bytes = checkpoint_bytes(recipe.name, made->parameters());
    load_checkpoint(file_of(bytes), recipe.name, other->parameters());
    for (std::size_t p = 0; p < made->parameters().size(); ++p) {
        const Tensor& a = made->parameters()[p].second.value();
        const Tensor& b = other->parameters()[p].second.value();
        for (std::int64_t i = 0; i < a.size(); ++i) CHECK(std::abs(a[i] - b[i]) <= std::abs(a[i]) * 0x1p-11F + 1e-7F);
    }
    // The same tensors, but of a model that was trained without its mask.
    CHECK(error_of([&] { load_checkpoint(file_of(bytes), "running-sum-unmasked", other->parameters()); }).kind() ==
          ErrorKind::constraint);
    const auto untouched = find_recipe("vit-mini").make(Rng(1));
    const auto vit = find_recipe("vit-mini").make(Rng(1));
    const auto kind = [&](const std::vector<std::byte>& file, const char* name) {
        return error_of([&] { load_checkpoint(file_of(file), name, vit->parameters()); }).kind();
    };
    CHECK(kind(bytes, "vit-mini") == ErrorKind::constraint);
    CHECK(kind(bytes, "running-sum") == ErrorKind::constraint);  // the name fits, the tensors do not
    NamedParameters more = vit->parameters();
    more.emplace_back("extra", Variable(Tensor({1}), true));
    CHECK(kind(checkpoint_bytes("vit-mini", more), "vit-mini") == ErrorKind::constraint);
    const auto broken = find_recipe("vit-mini").make(Rng(1));
    Variable last = broken->parameters().back().second;
    last.mutable_value()[0] = not_a_number;
    CHECK(kind(checkpoint_bytes("vit-mini", broken->parameters()), "vit-mini") == ErrorKind::non_finite);
    SafetensorsWriter nameless;
    CHECK(kind(nameless.bytes(), "vit-mini") == ErrorKind::constraint);
    for (std::size_t p = 0; p < vit->parameters().size(); ++p) {
        CHECK(same_bits(vit->parameters()[p].second.value(), untouched->parameters()[p].second.value()));
    }
}

#include "training/recipe.h"

#include "training/recipes/recipes.h"

namespace glassformer {

const std::vector<Recipe>& recipes() {
    static const std::vector<Recipe> all = {
        date_translation_recipe(), bert_mini_recipe(false), bert_mini_recipe(true),   gpt_mini_recipe(),
        gpt_dialogue_recipe(),     vit_mini_recipe(),       running_sum_recipe(true), running_sum_recipe(false),
    };
    return all;
}

const Recipe& find_recipe(const std::string& name) {
    std::string names;
    for (const Recipe& recipe : recipes()) {
        if (recipe.name == name) return recipe;
        names += (names.empty() ? "" : ", ") + recipe.name;
    }
    throw Error(
        ErrorKind::unknown_name,
        {"没有模型 " + name + "；有 " + names + "。", "There is no model " + name + "; there are " + names + "."},
        name);
}

}  // namespace glassformer

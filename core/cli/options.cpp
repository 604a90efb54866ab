#include "cli/options.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace glassformer {
namespace {

/// Which commands take an option.
const std::map<std::string, std::vector<std::string>>& options() {
    static const std::map<std::string, std::vector<std::string>> known = {
        {"--json", {"catalog", "run", "check", "bench"}},
        {"--param", {"run"}},
        {"--seed", {"run", "train"}},
        {"--clock", {"run"}},
        {"--clamp-work", {"run", "check", "validate"}},
        {"--full", {"check"}},
        {"--lessons", {"run", "check", "validate"}},
        {"--list", {"train"}},
        {"--updates", {"train"}},
        {"--batch", {"train"}},
        {"--rate", {"train"}},
        {"--output", {"train"}},
        {"--resume", {"train"}},
        {"--zh", {"catalog", "run", "check", "validate", "bench", "train"}},
        {"--en", {"catalog", "run", "check", "validate", "bench", "train"}},
        {"--help", {"catalog", "run", "check", "validate", "bench", "train"}}};
    return known;
}

std::uint64_t whole(const std::string& option, const std::string& text) {
    const bool digits = !text.empty() && text.size() <= 15 &&
                        std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (!digits) {
        throw Error(ErrorKind::wrong_type,
                    {option + " 应是不小于 0 的整数（至多 15 位），给的是“" + text + "”。",
                     option + " must be a whole number of at least 0 (at most 15 digits); '" + text + "' was given."},
                    option);
    }
    return std::stoull(text);
}

double number(const std::string& option, const std::string& text) {
    char* end = nullptr;
    const double value = std::strtod(text.c_str(), &end);
    if (text.empty() || *end != '\0' || !std::isfinite(value)) {
        throw Error(
            ErrorKind::wrong_type,
            {option + " 应是一个数，给的是“" + text + "”。", option + " must be a number; '" + text + "' was given."},
            option);
    }
    return value;
}

}  // namespace

std::string usage(bool chinese) {
    if (chinese) {
        return "用法：glassformer 命令 [选项]\n"
               "  catalog [--json]                              列出实验、参数、输出\n"
               "  run 实验 [--param 名=值]... [--seed n] [--json] [--clock] [--clamp-work n]   运行到最后一帧\n"
               "  check [课...] [--full] [--clamp-work n] [--json]  核对课里的每个断言（默认全部）\n"
               "  validate [课...]                              检查课的文件：格式、名字、路径\n"
               "  train 模型 [--seed n] [--updates n] [--batch n] [--rate x] [--output 目录] [--resume 文件]\n"
               "                                                训练随课附带的模型；train --list 列出；按 Ctrl-C "
               "存下续训文件\n"
               "  bench [名字开头...] [--json]                  测各内核在这台机器上的速度（单线程）\n"
               "课写作编号（1-04）或文件。--lessons 目录（默认 lessons）；--zh、--en 选语言；--full 跑遍每个种子、\n"
               "取值和定义域样本；--clamp-work 把更新数、试验数压到 n；--clock 真的计时。列表参数写作 a,b 或 JSON。\n";
    }
    return "usage: glassformer COMMAND [OPTIONS]\n"
           "  catalog [--json]                              experiments, their parameters and outputs\n"
           "  run EXPERIMENT [--param k=v]... [--seed n] [--json] [--clock] [--clamp-work n]   run to the last frame\n"
           "  check [LESSON...] [--full] [--clamp-work n] [--json]  test every claim of the lessons (default: all)\n"
           "  validate [LESSON...]                          check lesson files: shape, names, paths\n"
           "  train MODEL [--seed n] [--updates n] [--batch n] [--rate x] [--output DIR] [--resume FILE]\n"
           "                                                make a shipped model; train --list shows them; Ctrl-C "
           "leaves "
           "a resume file\n"
           "  bench [BEGINNING OF A NAME...] [--json]       how fast the kernels are on this machine, one thread\n"
           "A lesson is an id (1-04) or a file. --lessons DIR (default: lessons); --zh, --en choose the language; "
           "--full runs\n"
           "every seed, sweep value and domain sample; --clamp-work lowers updates and trials to n; --clock measures "
           "time.\n"
           "Lists: a,b or JSON.\n";
}

Options parse_options(const std::vector<std::string>& arguments, bool chinese_locale) {
    Options result;
    result.chinese = chinese_locale;
    std::vector<std::string> used;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const std::string& argument = arguments[i];
        if (argument.size() < 2 || argument[0] != '-') {
            if (result.command.empty())
                result.command = argument;
            else
                result.names.push_back(argument);
            continue;
        }
        std::string option = argument == "-h" ? "--help" : argument;
        std::string value;
        const std::size_t equals = option.find('=');
        const bool inline_value = equals != std::string::npos && option.rfind("--", 0) == 0;
        if (inline_value) {
            value = option.substr(equals + 1);
            option.resize(equals);
        }
        if (!options().count(option)) {
            std::string names;
            for (const auto& entry : options()) names += (names.empty() ? "" : ", ") + entry.first;
            throw Error(ErrorKind::unknown_name,
                        {"没有选项 " + argument + "；有 " + names + "。",
                         "There is no option " + argument + "; there are " + names + "."},
                        option);
        }
        used.push_back(option);
        static const std::vector<std::string> flags = {"--json", "--full", "--clock", "--zh",
                                                       "--en",   "--help", "--list"};
        const bool wants_value = std::find(flags.begin(), flags.end(), option) == flags.end();
        if (wants_value && !inline_value) {
            if (i + 1 == arguments.size()) {
                throw Error(ErrorKind::malformed, {option + " 后面要有值。", option + " needs a value."}, option);
            }
            value = arguments[++i];
        }
        if (option == "--json")
            result.json = true;
        else if (option == "--full")
            result.full = true;
        else if (option == "--clock")
            result.clock = true;
        else if (option == "--zh")
            result.chinese = true;
        else if (option == "--en")
            result.chinese = false;
        else if (option == "--help")
            result.help = true;
        else if (option == "--list")
            result.list = true;
        else if (option == "--lessons")
            result.lessons = value;
        else if (option == "--output")
            result.output = value;
        else if (option == "--resume")
            result.resume = value;
        else if (option == "--updates")
            result.updates = static_cast<std::int64_t>(whole(option, value));
        else if (option == "--batch")
            result.batch = static_cast<std::int64_t>(whole(option, value));
        else if (option == "--rate")
            result.rate = number(option, value);
        else if (option == "--seed")
            result.seed = whole(option, value), result.seed_given = true;
        else if (option == "--clamp-work")
            result.clamp_work = static_cast<std::int64_t>(whole(option, value));
        else {
            const std::size_t split = value.find('=');
            if (split == std::string::npos || split == 0) {
                throw Error(ErrorKind::malformed,
                            {"--param 应写作 名=值，给的是“" + value + "”。",
                             "--param is written name=value; '" + value + "' was given."},
                            "--param");
            }
            result.parameters.emplace_back(value.substr(0, split), value.substr(split + 1));
        }
    }
    if (result.help || result.command.empty() || result.command == "help") return result;
    const std::vector<std::string> commands = {"catalog", "run", "check", "validate", "bench", "train"};
    if (std::find(commands.begin(), commands.end(), result.command) == commands.end()) {
        throw Error(
            ErrorKind::unknown_name,
            {"没有命令 " + result.command + "；有 catalog、run、check、validate、bench、train。",
             "There is no command " + result.command + "; there are catalog, run, check, validate, bench, train."},
            result.command);
    }
    for (const std::string& option : used) {
        const auto& takers = options().at(option);
        if (std::find(takers.begin(), takers.end(), result.command) == takers.end()) {
            throw Error(ErrorKind::malformed,
                        {"命令 " + result.command + " 不用选项 " + option + "。",
                         "The command " + result.command + " does not take " + option + "."},
                        option);
        }
    }
    return result;
}

}  // namespace glassformer

//! The text of the configuration file to a [`Config`], with every problem.

use std::sync::Arc;

use super::{AnswerForm, CommandDelivery, Commands, Config, Grouping, Obeyed, OnFailure, Price, Provider, SandboxMode};
use crate::diagnostic::{Diagnostic, SourceText};
use crate::language::detect::Stage;
use crate::language::{CommandLine, Language};
use crate::yaml::{self, Decoder, Fields, Node, Value};

/// The keys of the configuration.
pub(super) const KEYS: [&str; 9] =
    ["version", "model", "languages", "gates", "limits", "pull_request", "commands", "sandbox", "protect"];

/// Parses the configuration file.
pub fn parse(source: &Arc<SourceText>) -> Result<Config, Vec<Diagnostic>> {
    let root = yaml::parse(source).map_err(|problem| vec![problem])?;
    let mut decoder = Decoder::new(source);
    let mut config = Config::default();
    if root.value != Value::Null {
        decode(&root, &mut decoder, &mut config);
    }
    let problems = decoder.finish();
    if problems.is_empty() { Ok(config) } else { Err(problems) }
}

/// Parses the configuration of a folder, which has commands and nothing else.
pub fn parse_folder(source: &Arc<SourceText>) -> Result<Commands, Vec<Diagnostic>> {
    let root = yaml::parse(source).map_err(|problem| vec![problem])?;
    let mut decoder = Decoder::new(source);
    let mut config = Config::default();
    if root.value != Value::Null
        && let Some(fields) = decoder.map(&root, "the configuration of a folder", &["version", "languages"])
    {
        if let Some(node) = fields.optional("version") {
            decoder.number(node, "version", 1, 1);
        }
        if let Some(node) = fields.optional("languages") {
            languages(node, &mut decoder, &mut config);
        }
    }
    let problems = decoder.finish();
    if problems.is_empty() { Ok(config.languages) } else { Err(problems) }
}

fn decode(root: &Node, decoder: &mut Decoder, config: &mut Config) {
    let Some(fields) = decoder.map(root, "the configuration", &KEYS) else { return };
    if let Some(node) = fields.optional("version") {
        decoder.number(node, "version", 1, 1);
    }
    if let Some(node) = fields.optional("model") {
        model(node, decoder, config);
    }
    if let Some(node) = fields.optional("languages") {
        languages(node, decoder, config);
    }
    if let Some(node) = fields.optional("gates") {
        config.gates = crate::spec::decode_gates(node, decoder);
    }
    if let Some(node) = fields.optional("limits") {
        limits(node, decoder, config);
    }
    if let Some(node) = fields.optional("pull_request") {
        proposals(node, decoder, config);
    }
    if let Some(node) = fields.optional("commands") {
        commands(node, decoder, config);
    }
    if let Some(node) = fields.optional("sandbox") {
        let modes =
            [("required", SandboxMode::Required), ("preferred", SandboxMode::Preferred), ("off", SandboxMode::Off)];
        if let Some(fields) = decoder.map(node, "sandbox", &["mode"]) {
            let mode = fields.optional("mode").and_then(|node| decoder.one_of(node, "sandbox.mode", &modes));
            config.sandbox = mode.unwrap_or(config.sandbox);
        }
    }
    if let Some(node) = fields.optional("protect") {
        for glob in decoder.text_or_list(node, "protect") {
            match globset::Glob::new(&glob.value) {
                Ok(_) => config.protect.push(glob.value),
                Err(error) => decoder.wrong("wrong-glob", error.to_string(), &glob.span),
            }
        }
    }
}

/// The largest seed: llama.cpp and what is built on it hold them in 32 bits.
pub(super) const MOST_SEED: u64 = 0xffff_ffff;

fn text(fields: &Fields<'_>, key: &str, decoder: &mut Decoder) -> Option<String> {
    fields.optional(key).and_then(|node| decoder.text(node, key)).map(|text| text.value)
}

fn model(node: &Node, decoder: &mut Decoder, config: &mut Config) {
    let keys = [
        "provider",
        "name",
        "base_url",
        "api_key_env",
        "temperature",
        "seed",
        "max_output_tokens",
        "context",
        "price",
        "fallback",
        "answers",
    ];
    let Some(fields) = decoder.map(node, "model", &keys) else { return };
    let settings = &mut config.model;
    let providers = [("openai", Provider::OpenAi), ("local", Provider::Local), ("replay", Provider::Replay)];
    settings.provider = fields.optional("provider").and_then(|node| decoder.one_of(node, "model.provider", &providers));
    settings.name = text(&fields, "name", decoder);
    if let Some(node) = fields.optional("base_url")
        && let Some(url) = decoder.text(node, "model.base_url")
    {
        if url.value.starts_with("http://") || url.value.starts_with("https://") {
            settings.base_url = Some(url.value.trim_end_matches('/').to_owned());
        } else {
            decoder.wrong("wrong-url", "model.base_url must start with http:// or https://", &url.span);
        }
    }
    if let Some(node) = fields.optional("api_key_env")
        && let Some(name) = decoder.text(node, "model.api_key_env")
    {
        let variable =
            name.value.chars().all(|letter| letter.is_ascii_uppercase() || letter.is_ascii_digit() || letter == '_');
        if variable {
            settings.api_key_env = Some(name.value);
        } else {
            decoder.wrong(
                    "wrong-variable",
                    "model.api_key_env is the name of an environment variable, such as OPENAI_API_KEY, never the key itself",
                    &name.span,
                );
        }
    }
    if let Some(node) = fields.optional("temperature") {
        settings.temperature = decoder.number(node, "model.temperature", 0.0, 2.0);
    }
    if let Some(node) = fields.optional("seed") {
        settings.seed = decoder.number(node, "model.seed", 0, MOST_SEED);
    }
    if let Some(node) = fields.optional("max_output_tokens") {
        settings.max_output_tokens = decoder.number(node, "model.max_output_tokens", 64, 1_000_000);
    }
    if let Some(node) = fields.optional("context") {
        settings.context = decoder.number(node, "model.context", 2048, 10_000_000);
    }
    if let Some(node) = fields.optional("price")
        && let Some(price) = decoder.map(node, "model.price", &["input", "output"])
    {
        let input =
            decoder.required(&price, "input").and_then(|node| decoder.number(node, "price.input", 0.0, 10_000.0));
        let output =
            decoder.required(&price, "output").and_then(|node| decoder.number(node, "price.output", 0.0, 10_000.0));
        settings.price = input.zip(output).map(|(input, output)| Price { input, output });
    }
    if let Some(node) = fields.optional("fallback") {
        settings.fallback = decoder.text_or_list(node, "model.fallback").into_iter().map(|text| text.value).collect();
    }
    if let Some(node) = fields.optional("answers") {
        let forms = [("auto", AnswerForm::Auto), ("schema", AnswerForm::Schema), ("fenced", AnswerForm::Fenced)];
        settings.answers = decoder.one_of(node, "model.answers", &forms).unwrap_or_default();
    }
}

fn languages(node: &Node, decoder: &mut Decoder, config: &mut Config) {
    let known = Language::ALL.map(Language::id);
    let Some(fields) = decoder.map(node, "languages", &known) else { return };
    for language in Language::ALL {
        let Some(node) = fields.optional(language.id()) else { continue };
        let keys = Stage::ALL.map(Stage::id);
        let Some(fields) = decoder.map(node, language.id(), &keys) else { continue };
        let commands = config.languages.entry(language).or_default();
        for stage in Stage::ALL {
            let Some(node) = fields.optional(stage.id()) else { continue };
            if matches!(&node.value, Value::List(items) if items.is_empty()) {
                commands.insert(stage, None);
                continue;
            }
            let Some(text) = decoder.text(node, stage.id()) else { continue };
            match CommandLine::parse(&text.value) {
                Some(line) if stage == Stage::Coverage && !line.mentions("{report}") => {
                    let message = "the coverage command must say where its report goes: {report} stands for the file";
                    decoder.wrong("wrong-command", message, &text.span);
                }
                Some(line) => {
                    commands.insert(stage, Some(line));
                }
                None => {
                    decoder.wrong("wrong-command", format!("the quotes of `{}` do not match", text.value), &text.span);
                }
            }
        }
    }
}

fn limits(node: &Node, decoder: &mut Decoder, config: &mut Config) {
    let keys = ["attempts", "command_timeout", "tokens", "cost", "files", "mutation_time", "parallel"];
    let Some(fields) = decoder.map(node, "limits", &keys) else { return };
    let limits = &mut config.limits;
    if let Some(node) = fields.optional("attempts") {
        limits.attempts = decoder.number(node, "limits.attempts", 1, 20).unwrap_or(limits.attempts);
    }
    if let Some(node) = fields.optional("command_timeout") {
        limits.command_timeout = decoder.duration(node, "limits.command_timeout").unwrap_or(limits.command_timeout);
    }
    if let Some(node) = fields.optional("tokens") {
        limits.tokens = decoder.number(node, "limits.tokens", 1, u64::MAX).unwrap_or(limits.tokens);
    }
    if let Some(node) = fields.optional("cost") {
        limits.cost = decoder.number(node, "limits.cost", 0.0, 1_000_000.0);
    }
    if let Some(node) = fields.optional("files") {
        limits.files = decoder.number(node, "limits.files", 1, 1000).unwrap_or(limits.files);
    }
    if let Some(node) = fields.optional("mutation_time") {
        limits.mutation_time = decoder.duration(node, "limits.mutation_time");
    }
    if let Some(node) = fields.optional("parallel") {
        limits.parallel = decoder.number(node, "limits.parallel", 1, 64);
    }
}

fn proposals(node: &Node, decoder: &mut Decoder, config: &mut Config) {
    let keys = ["base", "branch", "labels", "reviewers", "on_failure", "group"];
    let Some(fields) = decoder.map(node, "pull_request", &keys) else { return };
    let settings = &mut config.proposals;
    settings.base = text(&fields, "base", decoder);
    if let Some(node) = fields.optional("branch")
        && let Some(branch) = decoder.text(node, "pull_request.branch")
    {
        if branch.value.contains("{spec}") {
            settings.branch = branch.value;
        } else {
            decoder.wrong("wrong-branch", "pull_request.branch must contain {spec}: one branch a spec", &branch.span);
        }
    }
    if let Some(node) = fields.optional("labels") {
        settings.labels = decoder.text_or_list(node, "labels").into_iter().map(|text| text.value).collect();
    }
    if let Some(node) = fields.optional("reviewers") {
        settings.reviewers = decoder.text_or_list(node, "reviewers").into_iter().map(|text| text.value).collect();
    }
    if let Some(node) = fields.optional("on_failure") {
        let choices = [("draft", OnFailure::Draft), ("nothing", OnFailure::Nothing)];
        let choice = decoder.one_of(node, "pull_request.on_failure", &choices);
        settings.on_failure = choice.unwrap_or(settings.on_failure);
    }
    if let Some(node) = fields.optional("group") {
        let choices = [("spec", Grouping::Spec), ("all", Grouping::All)];
        settings.group = decoder.one_of(node, "pull_request.group", &choices).unwrap_or(settings.group);
    }
}

/// Comment commands obey people with write permission; nothing weaker can be configured.
fn commands(node: &Node, decoder: &mut Decoder, config: &mut Config) {
    let Some(fields) = decoder.map(node, "commands", &["permission", "deliver", "timeout"]) else { return };
    let settings = &mut config.commands;
    if let Some(node) = fields.optional("permission") {
        let roles = [("write", Obeyed::Write), ("maintain", Obeyed::Maintain), ("admin", Obeyed::Admin)];
        settings.permission = decoder.one_of(node, "commands.permission", &roles).unwrap_or(settings.permission);
    }
    if let Some(node) = fields.optional("deliver") {
        let choices = [("pull-request", CommandDelivery::PullRequest), ("commit", CommandDelivery::Commit)];
        settings.deliver = decoder.one_of(node, "commands.deliver", &choices).unwrap_or(settings.deliver);
    }
    if let Some(node) = fields.optional("timeout") {
        settings.timeout = decoder.duration(node, "commands.timeout").unwrap_or(settings.timeout);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_file_is_the_default() {
        assert_eq!(parse(&SourceText::new("c", "")).unwrap(), Config::default());
        assert_eq!(parse(&SourceText::new("c", "version: 1\n")).unwrap(), Config::default());
    }

    #[test]
    fn every_part_is_checked_with_its_place() {
        let text = "model: { provider: opnai, api_key_env: sk-123, base_url: example.com }\nlimits: { attempts: 0, command_timeout: 5 }\nlanguages: { rust: { test: \"a 'b\" }, cobol: {} }\npull_request: { branch: x }\n";
        let problems = parse(&SourceText::new("c", text)).unwrap_err();
        let codes: Vec<_> = problems.iter().map(|problem| problem.code).collect();
        let expected = [
            "unknown-value",
            "wrong-url",
            "wrong-variable",
            "unknown-key",
            "wrong-command",
            "wrong-number",
            "wrong-duration",
            "wrong-branch",
        ];
        assert_eq!(codes, expected);
    }

    #[test]
    fn commands_replace_and_an_empty_list_switches_off() {
        let config =
            parse(&SourceText::new("c", "languages:\n  rust: { lint: [], test: cargo nextest run }\n")).unwrap();
        let rust = config.languages.get(&Language::Rust).unwrap();
        assert_eq!(rust.get(&Stage::Lint), Some(&None));
        assert_eq!(rust.get(&Stage::Test), Some(&CommandLine::parse("cargo nextest run")));
    }
}

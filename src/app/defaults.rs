//! Defaults: `it is "standard" when the client leaves it out` in a spec, and whether code gives that value to anything.
//!
//! Code that only compares with the value refuses what the spec wants to be filled in, and tests that were written with it may say the same.

use std::sync::LazyLock;

use regex::Regex;

use crate::name;
use crate::text::places_of;

/// What a spec says of a value that stands for what is left out.
static SAID: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let left_out = r"(?:leaves?\s+(?:it|them)\s+out|left\s+out|missing|omitted|absent|not\s+given)";
    Regex::new(&format!(
        r#""(?P<when>\w+)"\s+(?:when|if|where)\s[^.;"]{{0,60}}\b{left_out}\b|\b{left_out}\s+(?:or\s+empty\s+)?is\s+(?:an?\s+)?"(?P<left>\w+)"|\bdefault\s+"(?P<default>\w+)"|"(?P<by>\w+)"\s+by\s+default\b"#,
    ))
    .ok()
});

/// A line that gives a text a name, with both: `TierStandard = "standard"`.
static NAMED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"^\s*[\w ]*?(?P<name>\w+)(?::\s*[^=]+|\s+\w+)?\s*=\s*["'](?P<value>\w+)["'](?:\s+as\s+const)?;?$"#)
        .ok()
});

/// What stands before a value that is given to something.
const GIVES: [&str; 9] = ["=", "=>", "??", "||", " or", " else", "return", "->", ":"];
/// What ends with a sign of those and only compares.
const COMPARES: [&str; 4] = ["==", "!=", "<=", ">="];

/// The value that a spec says to stand for what is left out, where it says that.
pub(super) fn asked(said: &str) -> Option<&str> {
    let found = SAID.as_ref()?.captures(said)?;
    ["when", "left", "default", "by"].iter().find_map(|name| found.name(name)).map(|value| value.as_str())
}

/// What a description says of the first default that no code gives to anything.
pub(super) fn left_open<'d>(description: &'d str, code: &[&str]) -> Option<&'d str> {
    let mut all = SAID.as_ref()?.find_iter(description).map(|found| found.as_str());
    all.find(|said| asked(said).is_some_and(|value| !code.iter().any(|text| gives(text, value))))
}

/// Whether a code gives a value, or what is named after it, to anything.
fn gives(text: &str, value: &str) -> bool {
    let named = |line: &str| {
        let found = NAMED.as_ref()?.captures(line)?;
        (&found["value"] == value && is_constant(line, &found["name"])).then(|| found["name"].to_owned())
    };
    let mut names: Vec<String> = ['"', '\'', '`'].iter().map(|mark| format!("{mark}{value}{mark}")).collect();
    names.extend(text.lines().filter_map(named));
    // A variant of an enumeration, or a constant of a class.
    names.extend(
        ["::", "."].iter().flat_map(|of| [name::pascal(value), value.to_uppercase()].map(|name| format!("{of}{name}"))),
    );
    let own: Vec<&str> = text.lines().filter(|line| named(line).is_none()).collect();
    let is_given =
        |line: &str| names.iter().any(|name| places_of_part(line, name).any(|at| is_given_at(line, name, at)));
    let variant = name::pascal(value);
    let is_default = |pair: &[&str]| pair[0].trim() == "#[default]" && pair[1].trim().trim_end_matches(',') == variant;
    own.iter().any(|line| is_given(line)) || own.windows(2).any(is_default)
}

/// Where a name stands: as a word, or with the sign that it begins with behind any word.
fn places_of_part<'t>(line: &'t str, name: &'t str) -> Box<dyn Iterator<Item = usize> + 't> {
    if name.starts_with(|letter: char| letter.is_alphanumeric() || letter == '_') {
        Box::new(places_of(line, name))
    } else {
        Box::new(line.match_indices(name).map(|(at, _)| at))
    }
}

/// Whether what stands at a place of a line is given to something there.
fn is_given_at(line: &str, name: &str, at: usize) -> bool {
    let (before, after) = (line.get(..at).unwrap_or_default(), line.get(at + name.len()..).unwrap_or_default());
    // `Tier` of `Tier::Standard` is a part of it.
    let is_part = |letter: char| letter.is_alphanumeric() || letter == '_';
    let before = if name.starts_with([':', '.']) { before.trim_end_matches(is_part) } else { before };
    let before = before.trim_end();
    let after =
        [".to_string()", ".to_owned()", ".into()"].iter().find_map(|call| after.strip_prefix(call)).unwrap_or(after);
    let after = after.trim_start();
    let is_last_argument =
        before.ends_with(['(', ',']) && after.starts_with(')') && !before.trim_start().starts_with("case");
    let gives = GIVES.iter().any(|sign| before.ends_with(sign)) || before.is_empty() && after.is_empty();
    let compares = COMPARES.iter().any(|sign| before.ends_with(sign));
    // A value of a type in TypeScript is none that is given.
    !after.starts_with('|') && !after.starts_with(is_part) && (is_last_argument || gives && !compares)
}

/// Whether a line that gives a text a name declares a constant, and not the default of a field.
fn is_constant(line: &str, name: &str) -> bool {
    let is_upper = !name.chars().any(char::is_lowercase);
    is_upper || line.contains("const ") || line.starts_with('\t') && !line.contains(['.', ':'])
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPEC: &str =
        "The tier is \"standard\" or\n\"gold\"; it is \"standard\" when the client leaves it out. Others are refused.";

    #[test]
    fn a_default_is_said_in_many_ways() {
        for said in [
            SPEC,
            "A tier that is left out is \"standard\".",
            "a user whose tier is left out or empty is a \"standard\"",
            "The tier (default \"standard\") is a text.",
            "It is \"standard\" by default.",
            "It is \"standard\" if it is missing.",
        ] {
            assert_eq!(asked(said), Some("standard"), "{said}");
        }
        for said in [
            "The tier is \"standard\" or \"gold\".",
            "It is \"standard\" when it is paid.",
            "A missing tier is refused.",
        ] {
            assert_eq!(asked(said), None, "{said}");
        }
        assert_eq!(left_open(SPEC, &[]), Some("\"standard\" when the client leaves it out"));
    }

    #[test]
    fn a_value_is_given_in_many_ways() {
        for code in [
            "tier = body.get(\"tier\", \"standard\")",
            "tier = body.get(\"tier\") or 'standard'",
            "    tier: str = \"standard\"",
            "DEFAULT_TIER = \"standard\"\ntier = body.get(\"tier\", DEFAULT_TIER)",
            "\tif input.Tier == \"\" {\n\t\tinput.Tier = \"standard\"\n\t}",
            "const (\n\ttierStandard = \"standard\"\n)\n\t\tinput.Tier = tierStandard",
            "const tier = \"tier\" in body ? body.tier : \"standard\";",
            "const tier = body.tier ?? \"standard\";",
            "let tier = input.tier.unwrap_or(\"standard\".to_string());",
            "fn default_tier() -> String {\n    \"standard\".to_string()\n}",
            "let tier = input.tier.unwrap_or(Tier::Standard);",
            "enum Tier {\n    #[default]\n    Standard,\n    Gold,\n}",
            "String tier = data.has(\"tier\") ? text(data, \"tier\") : \"standard\";",
            "if tier is None:\n    tier = Tier.STANDARD",
        ] {
            assert!(gives(code, "standard"), "{code}");
        }
        for code in [
            "if input.Tier != \"standard\" && input.Tier != \"gold\" {",
            "if tier not in (\"standard\", \"gold\"):",
            "if tier == \"standard\":",
            "TIERS = [\"standard\", \"gold\"]",
            "STANDARD = \"standard\"\nif tier not in (STANDARD, GOLD):",
            "\ttierStandard = \"standard\"",
            "export type Tier = \"standard\" | \"gold\";\nreadonly tier: \"standard\" | \"gold\";",
            "if tier !== \"standard\" && tier !== \"gold\" {",
            "case \"standard\", \"gold\":",
            "Tier::Standard | Tier::Gold => true,",
            "",
        ] {
            assert!(!gives(code, "standard"), "{code}");
        }
    }
}

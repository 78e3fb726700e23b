//! Fields of the example that slipped into the tests: `order.name`, where an order has a customer and no name.

use super::Mending;
use crate::app::prove::FileSet;
use crate::language::fields::{Sort, fields};
use crate::language::{Language, syntax};
use crate::name;
use crate::text::{has_word, places_of};

/// Words of a line that begins a function: names in it are those of arguments.
const FUNCTIONS: [&str; 4] = ["fn ", "def ", "func ", "function "];

impl Mending<'_> {
    /// Calls the fields of the example that the evidence speaks of, and that neither the spec nor the code has, by the one field of the code that is
    /// of their sort and that the example lacks, and says which.
    pub(super) fn name_own_fields(&self, files: &mut FileSet) -> Vec<String> {
        let (language, spec) = (self.language(), &self.producer.task.spec);
        let of = &spec.name.value;
        let Some(example) = self.case.questions.example_in_own_names() else { return Vec::new() };
        let theirs = fields(language, &example, of);
        let own: Vec<(String, Sort)> =
            self.standing.code.values().flat_map(|text| fields(language, text, of)).collect();
        let has =
            |fields: &[(String, Sort)], name: &str| fields.iter().any(|(own, _)| name::snake(own) == name::snake(name));
        // A name that the code has for something else, or that errors have in the language, may be meant.
        let is_known = |field: &str| {
            let mut code = self.standing.code.values();
            has_word(&spec.description, field)
                || language == Language::TypeScript && field == "name"
                || code.any(|text| syntax::names(language, text).contains(field))
        };
        let is_leaked =
            |field: &str| !has(&own, field) && has_word(&self.standing.setback.evidence, field) && !is_known(field);
        let leaked: Vec<&(String, Sort)> = theirs.iter().filter(|(field, _)| is_leaked(field)).collect();
        let mut done = Vec::new();
        for (field, sort) in &leaked {
            let mut meant = own.iter().filter(|(name, own)| own == sort && *sort != Sort::Other && !has(&theirs, name));
            let (Some((meant, _)), None) = (meant.next(), meant.next()) else { continue };
            // Two of them would become one.
            if leaked.iter().filter(|(_, other)| other == sort).count() > 1 {
                continue;
            }
            let spelled = [meant.clone(), name::snake(meant), name::camel(meant)];
            let is_text = |word: &&String| {
                let quoted = format!("\"{word}\"");
                self.standing.code.values().any(|code| code.contains(&quoted))
            };
            let as_text = spelled.iter().find(is_text).unwrap_or(meant);
            for path in &self.producer.task.tests {
                let Some(text) = files.get_mut(path) else { continue };
                let renamed = with_field(text, field, meant, as_text);
                if renamed != *text {
                    *text = renamed;
                    done.push(format!("called the field `{field}` of the example by that of the code, `{meant}`"));
                }
            }
        }
        done
    }
}

/// A text with a field named otherwise where it is used, given or spelled: `.name`, `name:`, `name=`, `"name"`. Other things of that name stay.
fn with_field(text: &str, field: &str, meant: &str, as_text: &str) -> String {
    let snake = name::snake(field);
    let mut renamed = text.to_owned();
    let mut names = vec![field];
    if snake != field {
        // In texts the field is spelled otherwise than in code: `{"name", …}` for `Name`.
        names.push(&snake);
    }
    for own in names {
        let places: Vec<usize> = places_of(&renamed, own).collect();
        for at in places.into_iter().rev() {
            let (before, after) =
                (renamed.get(..at).unwrap_or_default(), renamed.get(at + own.len()..).unwrap_or_default());
            let is_text = before.ends_with('"') && after.starts_with('"');
            let is_given = after.starts_with(':') && !after.starts_with("::")
                || after.starts_with('=') && !after.starts_with("==");
            let line = before.rsplit('\n').next().unwrap_or_default();
            let is_argument = FUNCTIONS.iter().any(|word| line.contains(word));
            let is_member =
                own == field && (before.ends_with('.') || is_given && !is_argument && !before.ends_with(['"', '\'']));
            if is_text || is_member {
                renamed.replace_range(at..at + own.len(), if is_text { as_text } else { meant });
            }
        }
    }
    renamed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_renamed_where_it_is_one() {
        let rust = "let mut bad_name = order(1);\nbad_name.name = \"  \".to_string();\nlet a = Order { name: name.clone(), ..b };\n(\"name\", bad_name),\nname::f(name == 1);\n";
        let expected = "let mut bad_name = order(1);\nbad_name.customer = \"  \".to_string();\nlet a = Order { customer: name.clone(), ..b };\n(\"customer\", bad_name),\nname::f(name == 1);\n";
        assert_eq!(with_field(rust, "name", "customer", "customer"), expected);
        let go = "{\"age\", Order{ID: 1, Age: 3}},\nif o.Age != age {\n";
        let expected = "{\"total_cents\", Order{ID: 1, TotalCents: 3}},\nif o.TotalCents != age {\n";
        assert_eq!(with_field(go, "Age", "TotalCents", "total_cents"), expected);
        assert_eq!(with_field("order(1, age=3, a == age)", "age", "total", "total"), "order(1, total=3, a == age)");
        let argument = "fn order(name: &str) -> Order {\n    Order { name: name.to_owned() }\n}\n";
        let expected = "fn order(name: &str) -> Order {\n    Order { customer: name.to_owned() }\n}\n";
        assert_eq!(with_field(argument, "name", "customer", "customer"), expected);
    }
}

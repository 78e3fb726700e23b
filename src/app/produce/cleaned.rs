//! What an answer must not have, and no gate refuses: names of the example, what cannot be meant, limits that nothing uses.

use std::collections::{BTreeMap, BTreeSet};

use super::super::prove::FileSet;
use super::Producer;
use crate::answer;
use crate::app::lengths::{is_in_characters, says_code_points};
use crate::app::prompts::Source;
use crate::language::characters::{counted_in_characters, counts_code_units};
use crate::language::half_range::with_whole_ranges;
use crate::language::limits::{Limit, without_unused};
use crate::language::outline::all_items;
use crate::path::RepoPath;

impl Producer {
    /// Replaces type names of the example that slipped into the answer, and says so.
    pub(in crate::app) fn without_leaks(&self, files: FileSet) -> FileSet {
        let spec = &self.task.spec;
        let mut clean = FileSet::new();
        // One file may use what another one declares.
        let own = files.values().flat_map(|text| all_items(self.task.language, text)).map(|item| item.name);
        let own: BTreeSet<String> = own.collect();
        for (path, mut text) in files {
            for example in &self.examples {
                let copied = own.intersection(&example.declared).cloned().collect();
                let (mut replaced, mut names) =
                    answer::replace_leaks(&text, [&example.name, &spec.name.value], &spec.source.text, &copied);
                let lines = [example.import.as_str(), self.import.as_str()];
                if self.task.tests.contains(&path)
                    && let Some((text, name)) =
                        answer::replace_import(&replaced, lines, [&example.name, &spec.name.value])
                {
                    replaced = text;
                    names.push(name);
                }
                if !names.is_empty() {
                    self.say(format!("names of the example in the answer were replaced: {}", names.join(", ")));
                }
                text = self.with_own_comments(&path, &replaced, example);
            }
            if self.task.code.contains(&path) {
                text = self.as_meant(&text);
            }
            clean.insert(path, text);
        }
        if self.capability.mends > 0 { self.without_made_up(clean) } else { clean }
    }

    /// A file whose comments, and of tests the variables, are about what the spec is about, and not about the example. Says so.
    fn with_own_comments(&self, path: &RepoPath, text: &str, example: &Source) -> String {
        let (spec, language) = (&self.task.spec, self.task.language);
        let names = [example.name.as_str(), spec.name.value.as_str()];
        // The path of an example in the spec speaks of nothing.
        let said = &[spec.description.as_str(), &spec.rules.join("\n")].join("\n");
        let mut own = text.to_owned();
        if self.task.code.contains(path) {
            own = answer::with_own_fields(&own, &example.sayings).unwrap_or(own);
        } else if self.task.tests.contains(path) {
            own = answer::without_foreign_signs(language, &own, said, &example.sayings).unwrap_or(own);
            own = answer::with_own_variables(language, &own, names, said).unwrap_or(own);
        }
        own = answer::with_own_name(language, &own, names, said, &example.sayings).unwrap_or(own);
        if own != text {
            self.say("mended by rule: comments and names that were those of the example".to_owned());
        }
        own
    }

    /// Removes limits that nothing uses and the spec does not have. Says so.
    pub(in crate::app) fn without_made_up(&self, mut files: FileSet) -> FileSet {
        let code: FileSet = files.clone().into_iter().filter(|(path, _)| self.task.code.contains(path)).collect();
        let mut of_files: BTreeMap<RepoPath, Vec<Limit>> = BTreeMap::new();
        for (path, limit) in self.made_up(&code) {
            of_files.entry(path).or_default().push(limit);
        }
        let mut removed = Vec::new();
        for (path, limits) in &of_files {
            let text = code.get(path).map_or("", String::as_str);
            let others: Vec<&str> =
                code.iter().filter(|(other, _)| *other != path).map(|(_, text)| text.as_str()).collect();
            let (without, names) = without_unused(text, limits, &others);
            files.insert(path.clone(), without);
            removed.extend(names);
        }
        if !removed.is_empty() {
            self.say(format!(
                "mended by rule: removed limits that nothing uses and the specification does not name: {}",
                removed.join(", ")
            ));
        }
        files
    }

    /// Code as it was meant, where what it says cannot be: keys that it spells as the spec does and otherwise, ranges that it refuses in
    /// part, and lengths in bytes. Says so.
    fn as_meant(&self, text: &str) -> String {
        let spec = &self.task.spec;
        let (mut meant, spelled) = answer::spelled_as_said(text, &spec.source.text);
        let mut said: Vec<String> = Vec::new();
        if !spelled.is_empty() {
            said.push(format!("spelled as in the spec: {}", spelled.join(", ")));
        }
        if let Some((whole, ranges)) = with_whole_ranges(self.task.language, &meant) {
            meant = whole;
            said.push(format!("ranges that were refused in part: {}", ranges.join(", ")));
        }
        if let Some((counted, lengths)) = counted_in_characters(self.task.language, &meant, |of, number| {
            let is_said = !counts_code_units(self.task.language) || says_code_points(&spec.description);
            is_said && is_in_characters(&spec.description, of, number)
        }) {
            meant = counted;
            said.push(format!("lengths in characters, as the spec says them: {}", lengths.join(", ")));
        }
        for what in said {
            self.say(format!("mended by rule: {what}"));
        }
        meant
    }
}

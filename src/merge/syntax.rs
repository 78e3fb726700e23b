//! The merge by items: functions, types, methods and what else a file is made of, each merged on its own wherever it stands.
//!
//! It is asked only where lines conflict, and answers only when it can be sure: each text parses, and no item conflicts.

use std::collections::{BTreeMap, BTreeSet};

use super::merge_lines;
use crate::language::Language;
use crate::language::items::{Item, items};

type Items<'t> = BTreeMap<&'t str, &'t Item>;

/// The merged text, or nothing when an item conflicts or a text does not parse.
pub(super) fn merge_items(language: Language, base: &str, ours: &str, theirs: &str) -> Option<String> {
    let (base, ours, theirs) = (items(language, base)?, items(language, ours)?, items(language, theirs)?);
    let index = |of: &'_ [Item]| -> BTreeSet<String> { of.iter().map(|item| item.key.clone()).collect() };
    let known = index(&base);
    let (old, mine, new) = (by_key(&base), by_key(&ours), by_key(&theirs));
    // The side that moved items says where they stand. When both did, the hand does.
    let order = |items: &[Item]| -> Vec<String> {
        let here = items.iter().map(|item| item.key.clone());
        here.filter(|key| known.contains(key) && mine.contains_key(key.as_str()) && new.contains_key(key.as_str()))
            .collect()
    };
    let (first, second) = if order(&ours) == order(&base) { (&theirs, &ours) } else { (&ours, &theirs) };
    let mut keys: Vec<&str> = first.iter().map(|item| item.key.as_str()).collect();
    let mut before: Option<&str> = None;
    for item in second {
        let key = item.key.as_str();
        if !keys.contains(&key) {
            let at = before.and_then(|before| keys.iter().position(|other| *other == before)).map_or(0, |at| at + 1);
            keys.insert(at, key);
        }
        before = Some(key);
    }
    let mut text = String::new();
    for key in keys {
        let Some(kept) = settle(old.get(key), mine.get(key), new.get(key))? else { continue };
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
        text.push_str(&kept);
    }
    let result = items(language, &text)?;
    holds_edits(&base, &ours, &result).then_some(text)
}

/// Whether each leaf that the hand added is in the result at least as often.
fn holds_edits(base: &[Item], ours: &[Item], result: &[Item]) -> bool {
    let (before, mine, after) = (leaves(base), leaves(ours), leaves(result));
    let count = |of: &BTreeMap<&str, usize>, leaf: &str| of.get(leaf).copied().unwrap_or_default();
    mine.iter()
        .all(|(leaf, times)| *times <= count(&before, leaf) || count(&after, leaf) >= *times - count(&before, leaf))
}

fn leaves(items: &[Item]) -> BTreeMap<&str, usize> {
    let mut found = BTreeMap::new();
    for leaf in items.iter().flat_map(Item::leaves) {
        *found.entry(leaf).or_default() += 1;
    }
    found
}

fn by_key(items: &[Item]) -> Items<'_> {
    items.iter().map(|item| (item.key.as_str(), item)).collect()
}

/// What becomes of one item: its text, or that it goes. `None` when that is a conflict.
#[expect(clippy::option_option, reason = "no answer, and the answer that the item goes, are two things")]
fn settle(old: Option<&&Item>, mine: Option<&&Item>, new: Option<&&Item>) -> Option<Option<String>> {
    let same = |left: &Item, right: &Item| left.tokens == right.tokens;
    match (old, mine, new) {
        (Some(old), Some(mine), Some(new)) => {
            if same(mine, old) {
                return Some(Some(new.text.clone()));
            }
            if same(new, old) || same(mine, new) {
                return Some(Some(mine.text.clone()));
            }
            let merged = merge_lines(&old.text, &mine.text, &new.text);
            (merged.conflicts == 0).then_some(Some(merged.text))
        }
        (None, Some(mine), None) => Some(Some(mine.text.clone())),
        (None, None, Some(new)) => Some(Some(new.text.clone())),
        (None, Some(mine), Some(new)) => same(mine, new).then(|| Some(mine.text.clone())),
        // One side took it away: that counts when the other left it as it was.
        (Some(old), Some(left), None) | (Some(old), None, Some(left)) => same(old, left).then_some(None),
        (_, None, None) => Some(None),
    }
}

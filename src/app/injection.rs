//! Looks through everything that a spec shows to the model for text that talks to it.

use crate::injection;
use crate::port::Workspace;
use crate::task::Task;

/// What is suspicious, with its place.
pub(super) fn suspicions(task: &Task, workspace: &dyn Workspace) -> Vec<String> {
    let spec = &task.spec;
    let mut found = Vec::new();
    let mut look = |place: &str, text: &str| {
        found.extend(injection::find(text).into_iter().map(|what| format!("{place} {what}")));
    };
    look("the description", &spec.description);
    for (name, text) in &spec.context {
        look(&format!("context.{name}"), text);
    }
    for rule in &spec.rules {
        look("a rule", rule);
    }
    for path in &spec.uses {
        look(&format!("`{}`", path.value), &workspace.read(&path.value).unwrap_or_default());
    }
    found
}

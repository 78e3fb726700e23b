//! The order of specs: each one after those it names in `after`.

use std::collections::{BTreeMap, BTreeSet};

use super::{Spec, SpecId};
use crate::diagnostic::{Diagnostic, nearest};

/// Checks every `after` and the absence of cycles.
pub fn check_order(specs: &[Spec]) -> Vec<Diagnostic> {
    let by_id: BTreeMap<&SpecId, &Spec> = specs.iter().map(|spec| (&spec.id, spec)).collect();
    let mut problems = Vec::new();
    for spec in specs {
        for after in &spec.after {
            if !by_id.contains_key(&after.value) {
                let mut problem = Diagnostic::at(
                    "unknown-spec",
                    format!("`after` names the spec `{}`, which is not there", after.value),
                    &spec.source,
                    after.span.clone(),
                );
                if let Some(near) = nearest(after.value.as_str(), by_id.keys().map(|id| id.as_str())) {
                    problem = problem.help(format!("did you mean `{near}`?"));
                }
                problems.push(problem);
            }
        }
    }
    let mut done = BTreeSet::new();
    for spec in specs {
        let mut trail = Vec::new();
        if let Some(problem) = find_cycle(spec, &by_id, &mut trail, &mut done) {
            problems.push(problem);
        }
    }
    problems
}

fn find_cycle<'a>(
    spec: &'a Spec,
    by_id: &BTreeMap<&'a SpecId, &'a Spec>,
    trail: &mut Vec<&'a Spec>,
    done: &mut BTreeSet<&'a SpecId>,
) -> Option<Diagnostic> {
    if done.contains(&spec.id) {
        return None;
    }
    if let Some(start) = trail.iter().position(|earlier| earlier.id == spec.id) {
        return Some(describe_cycle(trail.get(start..).unwrap_or_default()));
    }
    trail.push(spec);
    let mut found = None;
    for after in &spec.after {
        if let Some(next) = by_id.get(&after.value) {
            found = found.or(find_cycle(next, by_id, trail, done));
        }
    }
    trail.pop();
    done.insert(&spec.id);
    found
}

fn describe_cycle(cycle: &[&Spec]) -> Diagnostic {
    let mut names: Vec<&str> = cycle.iter().map(|spec| spec.id.as_str()).collect();
    names.extend(cycle.first().map(|spec| spec.id.as_str()));
    let message = format!("specs wait for each other: {}", names.join(" → "));
    let mut places = cycle.iter().enumerate().filter_map(|(index, spec)| {
        let next = names.get(index + 1)?;
        let after = spec.after.iter().find(|after| after.value.as_str() == *next)?;
        Some((spec, after))
    });
    let Some((spec, after)) = places.next() else { return Diagnostic::file("spec-cycle", message, "") };
    let mut problem = Diagnostic::at("spec-cycle", message, &spec.source, after.span.clone())
        .label(format!("`{}` waits for `{}`", spec.id, after.value));
    for (spec, after) in places {
        problem = problem.and(format!("`{}` waits for `{}`", spec.id, after.value), &spec.source, after.span.clone());
    }
    problem.help("take one of these out of `after`")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::SourceText;
    use crate::spec::parse;

    fn spec(id: &str, after: &str) -> Spec {
        let source = SourceText::new(format!("{id}.yaml"), format!("name: A\ndescription: d\nafter: [{after}]\n"));
        parse(SpecId::from_argument(id), &source).unwrap()
    }

    #[test]
    fn a_cycle_is_shown_whole_and_once() {
        let problems = check_order(&[spec("a", "b"), spec("b", "c"), spec("c", "a"), spec("d", "a")]);
        let messages: Vec<_> = problems.iter().map(|problem| problem.message.as_str()).collect();
        assert_eq!(messages, ["specs wait for each other: a → b → c → a"]);
        assert_eq!(problems.first().map(|problem| problem.labels.len()), Some(3));
    }

    #[test]
    fn an_unknown_name_suggests_the_nearest() {
        let problems = check_order(&[spec("order-model", ""), spec("order", "order-modle")]);
        assert_eq!(problems.first().map(|problem| problem.code), Some("unknown-spec"));
        assert_eq!(
            problems.first().map(|problem| problem.help.clone()),
            Some(vec!["did you mean `order-model`?".into()])
        );
    }
}

//! Limits that are made up: numbers that code names as a limit and the spec does not have.

use super::named::values;
use super::prove::FileSet;
use crate::language::Language;
use crate::language::limits::{Limit, limits};
use crate::path::RepoPath;

/// What code counts a number of a spec in: itself, seconds of minutes and hours, thousands, bytes of KiB and MiB.
const UNITS: [u64; 6] = [1, 60, 3600, 1000, 1024, 1_048_576];

/// The limits of code whose numbers are none of a spec, in no unit, and next to none.
pub(super) fn made_up(spec: &str, code: &FileSet) -> Vec<(RepoPath, Limit)> {
    let said = values(spec);
    let is_said = |number: u64| {
        let near = [number.saturating_sub(1), number, number.saturating_add(1)];
        let in_unit = |unit: &u64| near.iter().any(|near| near % unit == 0 && said.contains(&(near / unit)));
        UNITS.iter().any(in_unit)
    };
    let of_file = |(path, text): (&RepoPath, &String)| {
        let language = Language::from_extension(path.extension());
        let found = language.map(|language| limits(language, text)).unwrap_or_default().into_iter();
        let found = found.filter(|limit| limit.number.parse().is_ok_and(|number| number > 1 && !is_said(number)));
        found.map(|limit| (path.clone(), limit)).collect::<Vec<_>>()
    };
    code.iter().flat_map(of_file).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_that_the_spec_does_not_have_in_any_unit_is_made_up() {
        let spec = "An id is at least 1, a name has 60 characters, a body 64 KiB, and a total is at most 5000000. It ends after 2 minutes.";
        let code = "MAX_ID = 1000001\nMAX_NAME = 60\nMAX_TOTAL = 5_000_001\nMAX_BODY = 65536\nMAX_SECONDS = 120\nMIN_ID = 1\nMAX_CODE = 12\n";
        let code = FileSet::from([(RepoPath::parse("a.py").unwrap(), code.to_owned())]);
        let names: Vec<String> = made_up(spec, &code).into_iter().map(|(_, limit)| limit.name).collect();
        assert_eq!(names, ["MAX_ID", "MAX_CODE"]);
    }
}

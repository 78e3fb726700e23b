//! Which paths of a proposal deserve a second look of a person.

use crate::path::RepoPath;
use crate::protect::{Protection, protection};

/// The label of a proposal that touches such a path.
pub const LABEL: &str = "codegen-risk";

/// Words of paths where a mistake costs more than elsewhere.
const WORDS: [&str; 12] = [
    "auth",
    "authentication",
    "authorization",
    "billing",
    "crypto",
    "deploy",
    "migration",
    "migrations",
    "password",
    "payment",
    "security",
    "session",
];

/// The paths that deserve it.
pub fn risky<'p>(paths: impl IntoIterator<Item = &'p RepoPath>) -> Vec<&'p RepoPath> {
    let risky = |path: &&RepoPath| {
        let lower = path.as_str().to_ascii_lowercase();
        let mut words = lower.split(|letter: char| !letter.is_ascii_alphanumeric());
        protection(path) == Protection::UnlessListed || words.any(|word| WORDS.contains(&word))
    };
    paths.into_iter().filter(risky).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn manifests_and_paths_of_weight_are_risky_and_others_are_not() {
        for (path, risk) in [
            ("Cargo.toml", true),
            ("src/auth/session.rs", true),
            ("db/migrations/001.sql", true),
            ("src/payment_dto.rs", true),
            ("src/author.rs", false),
            ("src/order_repository.rs", false),
        ] {
            let path = RepoPath::parse(path).unwrap();
            assert_eq!(!risky([&path]).is_empty(), risk, "{path}");
        }
    }
}

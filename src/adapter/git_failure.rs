//! What went wrong with git, for people.

use crate::failure::{Failure, Kind};

/// A failure of git, with what helps where it can be told.
pub(super) fn git_failure(what: impl Into<String>, error: &git2::Error) -> Failure {
    let failure = Failure::new(Kind::Repository, what).because(error);
    match error.code() {
        git2::ErrorCode::Owner => {
            failure.hint("the repository belongs to another user: `git config --global --add safe.directory <path>`")
        }
        _ => failure,
    }
}

//! The workbench: what a trigger on a server needs beyond the ports of a run, made when it is known to be needed.

use std::sync::Arc;

use futures::future::BoxFuture;

use super::{Model, Runner, Workspace};
use crate::config::Config;
use crate::failure::Failure;

/// Makes repositories and models.
pub trait Workbench: Send + Sync {
    /// Checks a commit out as a branch, in a folder of its own that lives as long as the workbench.
    fn check_out<'a>(&'a self, branch: &'a str, commit: &'a str) -> BoxFuture<'a, Result<Arc<dyn Workspace>, Failure>>;
    /// The model that a configuration chooses, and what runs commands beside it.
    fn tools<'a>(&'a self, config: &'a Config) -> BoxFuture<'a, Result<Tools, Failure>>;
}

/// What a run works with.
pub type Tools = (Arc<dyn Model>, Arc<dyn Runner>);

//! The workbench of a job: checkouts of GitHub's commits, and the model that the environment and configuration choose.

use std::sync::{Arc, Mutex, PoisonError};

use futures::future::BoxFuture;

use super::detect_model::{self, Absent, ProcessEnvironment};
use super::github::git::{Checkout, checkout, sign_in};
use super::github::{Access, Slug};
use super::process::ProcessRunner;
use super::turns::share_processors;
use super::workspace::GitWorkspace;
use crate::config::Config;
use crate::failure::Failure;
use crate::port::{Tools, Workbench, Workspace};

/// A workbench for one repository.
pub struct JobBench {
    access: Access,
    slug: Slug,
    /// The model that the job was told to use.
    model: Option<String>,
    checkouts: Mutex<Vec<Checkout>>,
}

impl JobBench {
    /// A workbench.
    pub fn new(access: Access, slug: Slug, model: Option<String>) -> Self {
        Self { access, slug, model, checkouts: Mutex::default() }
    }
}

impl Workbench for JobBench {
    fn check_out<'a>(&'a self, branch: &'a str, commit: &'a str) -> BoxFuture<'a, Result<Arc<dyn Workspace>, Failure>> {
        Box::pin(async move {
            let made = checkout(&self.access, &self.slug, branch, commit).await?;
            let workspace = GitWorkspace::discover(made.folder())?.signing_in(sign_in(&self.access));
            self.checkouts.lock().unwrap_or_else(PoisonError::into_inner).push(made);
            Ok(Arc::new(workspace) as Arc<dyn Workspace>)
        })
    }

    fn tools<'a>(&'a self, config: &'a Config) -> BoxFuture<'a, Result<Tools, Failure>> {
        Box::pin(async move {
            let named = self.model.as_deref();
            let model = detect_model::choose(named, &config.model, &ProcessEnvironment, Absent::Fetch).await?;
            let (model, runner) = share_processors(model, ProcessRunner);
            Ok((Arc::from(model), runner))
        })
    }
}

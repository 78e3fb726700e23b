//! The specs that a commit concerns, as they will stand after it: what a hook looks at. Only what is staged is read.

use std::collections::BTreeSet;

use super::load::{load, load_some};
use super::owners;
use super::status::{self, Standing};
use crate::config;
use crate::failure::Failure;
use crate::lock;
use crate::path::RepoPath;
use crate::pattern;
use crate::port::Workspace;
use crate::spec::SpecId;

/// What is staged: the specs that it concerns.
pub struct Concerned {
    /// How each concerned spec stands, those that are gone included.
    pub standings: Vec<Standing>,
    /// The specs whose own files are staged.
    pub specs: BTreeSet<SpecId>,
}

/// Reads what is staged; `workspace` is the view of it.
pub fn concerned(workspace: &dyn Workspace) -> Result<Concerned, Failure> {
    let staged = workspace.staged().unwrap_or_default();
    let own: BTreeSet<SpecId> = staged.iter().filter_map(SpecId::of_file).collect();
    let everything = staged
        .iter()
        .any(|path| path.as_str() == config::FILE || path.as_str().starts_with(&format!("{}/", pattern::FOLDER)));
    if everything {
        let loaded = load(workspace)?;
        let standings = status::standings(&loaded, workspace, &[])?;
        return Ok(Concerned { standings, specs: own });
    }
    let mut ids = own.clone();
    ids.extend(staged.iter().filter_map(lock::owner_of));
    let others: Vec<RepoPath> = staged.iter().filter(|path| !path.as_str().starts_with(".codegen/")).cloned().collect();
    if !others.is_empty() {
        ids.extend(owners::of(&others, workspace));
    }
    if ids.is_empty() {
        return Ok(Concerned { standings: Vec::new(), specs: own });
    }
    let loaded = load_some(workspace, &ids)?;
    let here: Vec<SpecId> =
        ids.iter().filter(|id| loaded.tasks.iter().any(|task| task.spec.id == **id)).cloned().collect();
    let mut standings = if here.is_empty() { Vec::new() } else { status::standings(&loaded, workspace, &here)? };
    standings.extend(
        status::orphans(&loaded, workspace)
            .into_iter()
            .filter(|(id, _)| ids.contains(id))
            .map(|(id, lock)| Standing::orphaned(&id, &lock)),
    );
    Ok(Concerned { standings, specs: own })
}

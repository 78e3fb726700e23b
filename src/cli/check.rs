//! `check`: whether specs are valid, outputs present and locks current, in the tree or as staged; and `check --accept`.

use std::path::Path;

use clap::Args;

use super::args::Printed;
use super::commands::{ids, open};
use super::show;
use crate::adapter::workspace::GitWorkspace;
use crate::app::accept::accept;
use crate::app::checked::check;
use crate::app::load::load;
use crate::app::staged::concerned;
use crate::app::status::{self, Standing};
use crate::failure::{Failure, Kind};
use crate::lock::State;
use crate::text::count;

/// Arguments of `check`.
#[derive(Debug, Args)]
pub struct Check {
    /// Specs, by id or path; all when left out
    pub specs: Vec<String>,
    /// Judge what is staged, and only the specs that it concerns
    #[arg(long)]
    pub staged: bool,
    /// Take the present state for current, hand-made files too: writes locks and nothing else
    #[arg(long, conflicts_with = "staged")]
    pub accept: bool,
    /// How to print
    #[command(flatten)]
    pub printed: Printed,
}

/// Runs it.
pub fn run(here: &Path, arguments: &Check) -> Result<u8, Failure> {
    let wanted = ids(&arguments.specs);
    if arguments.accept {
        let workspace = open(here)?;
        let accepted = accept(&load(&workspace)?, &workspace, &wanted)?;
        match accepted.as_slice() {
            [] => show::talk("everything is current already"),
            some => show::talk(&format!("accepted as current: {}", some.join(", "))),
        }
        return Ok(0);
    }
    let standings = if arguments.staged {
        let mut standings = staged(here)?;
        standings.retain(|standing| wanted.is_empty() || wanted.iter().any(|id| id.as_str() == standing.id));
        standings
    } else {
        let workspace = open(here)?;
        if wanted.is_empty() {
            let checked = check(&workspace, &workspace)?;
            return Ok(tell(checked.standings, checked.total, arguments.printed.json(), false));
        }
        status::standings(&load(&workspace)?, &workspace, &wanted)?
    };
    let total = standings.len();
    Ok(tell(standings, total, arguments.printed.json(), arguments.staged))
}

/// How the specs stand that a commit concerns. Nothing is written to the tree.
pub(super) fn staged(here: &Path) -> Result<Vec<Standing>, Failure> {
    let workspace = GitWorkspace::discover_as_it_is(here)?.as_staged()?;
    Ok(concerned(&workspace)?.standings)
}

/// Shows what is not current, and gives the exit code.
pub(super) fn tell(mut standings: Vec<Standing>, total: usize, json: bool, staged: bool) -> u8 {
    standings.retain(|standing| standing.state != State::Current);
    if json {
        show::json(&standings);
    } else if standings.is_empty() && staged && total == 0 {
        show::talk("nothing that is staged concerns a spec");
    } else if standings.is_empty() {
        show::talk(&format!("{} current", count(total, "spec is", "specs are")));
    } else {
        show::standings(&standings);
    }
    if standings.is_empty() {
        return 0;
    }
    if !json {
        let moved = |state: &State| matches!(state, State::Missing { moved, .. } if !moved.is_empty());
        let generated = standings.iter().any(|standing| standing.state.wants_generation() && !moved(&standing.state));
        let by_hand = standings.iter().any(|standing| matches!(standing.state, State::Edited { .. }));
        let gone = standings.iter().any(|standing| matches!(standing.state, State::Orphaned { .. }));
        for standing in &standings {
            let State::Missing { moved, .. } = &standing.state else { continue };
            for moved in moved {
                show::talk(&standing.hint(moved));
            }
        }
        if generated {
            show::talk("`codegen generate` brings them up to date");
        }
        if by_hand {
            show::talk(
                "`codegen check --accept SPEC` takes files that were edited by hand as they are; later generations are merged with them",
            );
        }
        if gone {
            show::talk("`codegen check --accept` forgets specs that are gone; their files stay");
        }
        if staged && generated {
            show::talk("what it writes is to be staged too; `--no-verify` commits without this check");
        }
    }
    Kind::Gate.exit_code()
}

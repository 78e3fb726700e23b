//! `codegen model`: the weights of the model inside the program.

use serde_json::json;

use super::args::{ModelAction, Models, Printed};
use super::show;
use crate::adapter::detect_model::ProcessEnvironment;
use crate::adapter::embedded;
use crate::adapter::weights::catalogue::DEFAULT;
use crate::adapter::weights::fetch::shown;
use crate::adapter::weights::known;
use crate::failure::Failure;

/// Runs the command.
pub(super) async fn run(arguments: &Models) -> Result<u8, Failure> {
    match &arguments.action {
        ModelAction::Pull { name } => {
            let weights = embedded::named(name.as_deref().unwrap_or(DEFAULT))?;
            let path = embedded::pull(weights, &ProcessEnvironment).await?;
            show::out(&format!("{}\n", path.display()));
            Ok(0)
        }
        ModelAction::List { printed } => {
            list(*printed);
            Ok(0)
        }
    }
}

fn list(printed: Printed) {
    let cache = embedded::weights_cache();
    if printed.json() {
        let all: Vec<_> = known()
            .iter()
            .map(|weights| {
                json!({
                    "name": weights.name,
                    "bytes": weights.bytes,
                    "license": weights.license,
                    "sha256": weights.sha256,
                    "repository": weights.repository,
                    "default": weights.name == DEFAULT,
                    "path": cache.whole(weights),
                    "tokens_per_second": embedded::speed_of(weights).map(|speed| speed.written),
                })
            })
            .collect();
        return show::json(&all);
    }
    let rows = known().iter().map(|weights| {
        let here = if cache.whole(weights).is_some() { "here" } else { "to be fetched" };
        let speed = embedded::speed_of(weights).map_or_else(
            || "not run yet".to_owned(),
            |speed| format!("reads {:.0}, writes {:.0} tokens/s", speed.read, speed.written),
        );
        let cells = [weights.name, &shown(weights.bytes), weights.license, here, &speed, weights.about];
        cells.map(str::to_owned).to_vec()
    });
    show::out(&show::table(&["MODEL", "SIZE", "LICENCE", "STATE", "SPEED HERE", "NOTES"], rows));
    show::talk(&format!("kept in {}; fetch one with `codegen model pull NAME`", cache.folder().display()));
}

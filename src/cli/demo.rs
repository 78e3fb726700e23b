//! The demo: the whole thing on a sample repository in a temporary folder, with whatever model there is. What it shows is
//! made while it runs; when the model fails, it shows that.

use std::fs;
use std::sync::Arc;
use std::time::Instant;

use super::args::Demo;
use super::show;
use super::stages::Stages;
use crate::adapter::detect_model::{self, Absent, ProcessEnvironment};
use crate::adapter::process::ProcessRunner;
use crate::adapter::sample;
use crate::adapter::terminal::{HumanReporter, Talk};
use crate::adapter::turns::share_processors;
use crate::adapter::workspace::GitWorkspace;
use crate::app::generate::{Delivery, Options, Ports, generate};
use crate::app::load::load;
use crate::event::Reporter;
use crate::failure::{Failure, Kind};
use crate::language::Language;
use crate::port::Workspace;
use crate::spec::SpecId;

/// Runs the demo.
pub(super) async fn run(arguments: &Demo, quiet: bool) -> Result<u8, Failure> {
    let started = Instant::now();
    let language = match arguments.language {
        Some(language) => language,
        None => first_with_tools()
            .ok_or_else(|| Failure::new(Kind::Usage, "neither cargo, go, pytest nor node is installed"))?,
    };
    let folder = sample::lay_out(language)?;
    show::talk(&format!("sample repository ({}): {}", language.title(), folder.display()));
    let workspace: Arc<dyn Workspace> = Arc::new(GitWorkspace::discover(&folder)?);
    let loaded = load(workspace.as_ref())?;
    let id = SpecId::from_argument(&arguments.spec);
    let task = loaded
        .tasks
        .iter()
        .find(|task| task.spec.id == id)
        .ok_or_else(|| crate::app::status::unknown_spec(&id, &loaded))?;
    show::talk(&format!("spec {}:\n\n{}", task.spec.source.path, indent(&task.spec.source.text)));
    let model =
        detect_model::choose(arguments.model.as_deref(), &loaded.config.model, &ProcessEnvironment, Absent::Fetch)
            .await?;
    let (model, runner) = share_processors(model, ProcessRunner);
    let stages = Arc::new(Stages::new(Arc::new(HumanReporter::new(Talk { quiet, stream: arguments.stream }))));
    let reporter: Arc<dyn Reporter> = Arc::<Stages>::clone(&stages);
    let options = Options {
        specs: vec![id.clone()],
        force: false,
        delivery: Delivery::Propose,
        skip: Vec::new(),
        allow_unproven: false,
    };
    let ports = Ports { workspace: Arc::clone(&workspace), runner, model: Arc::from(model), reporter, remote: None };
    let summary = generate(ports, loaded, options).await?;
    let code = super::commands::finish(&summary);
    if code == 0 {
        show::out(&sample::diff_of(&folder, &format!("codegen/{id}"))?);
        let body = workspace.state_folder().join("proposals").join(format!("{id}.md"));
        show::talk("\nThe proposal:\n");
        show::out(&fs::read_to_string(&body).unwrap_or_default());
        show::talk(&format!("\nLook around: cd {} && git log -p codegen/{id}", folder.display()));
    }
    show::talk(&format!("\nthe demo took {:.0} s:\n{}", started.elapsed().as_secs_f64(), stages.table().trim_end()));
    Ok(code)
}

fn indent(text: &str) -> String {
    text.lines().map(|line| format!("    {line}\n")).collect()
}

fn first_with_tools() -> Option<Language> {
    let has = |name: &str| which::which(name).is_ok();
    [
        (Language::Rust, has("cargo")),
        (Language::Go, has("go")),
        (Language::TypeScript, has("npm")),
        (Language::Python, has("python3")),
        (Language::Java, has("mvn")),
    ]
    .into_iter()
    .find(|(_, present)| *present)
    .map(|(language, _)| language)
}

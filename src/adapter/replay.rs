//! Recorded answers: a folder with one file an answer, named `<spec>.<role>.<attempt>.md`, `/` in the spec's id written
//! `__`; answers about one item of an attempt have `.mend-<number>` before `.md`.
//!
//! [`Replay`] plays a folder; [`Recording`] writes one while another model answers. A call without a recording is an error:
//! nothing is made up.

use std::path::{Path, PathBuf};

use futures::FutureExt;
use futures::future::BoxFuture;

use crate::port::{Completion, Model, ModelCard, ModelError, ModelRequest, Piece, Purpose};

fn file_of(folder: &Path, purpose: &Purpose) -> PathBuf {
    let spec = purpose.spec.as_str().replace('/', "__");
    let mend = if purpose.mend == 0 { String::new() } else { format!(".mend-{}", purpose.mend) };
    folder.join(format!("{spec}.{}.{}{mend}.md", purpose.role.id(), purpose.attempt))
}

/// Plays recorded answers.
pub struct Replay {
    folder: PathBuf,
    chosen: String,
}

impl Replay {
    /// Plays the answers of a folder.
    pub fn new(folder: PathBuf, chosen: impl Into<String>) -> Self {
        Self { folder, chosen: chosen.into() }
    }
}

impl Model for Replay {
    fn card(&self) -> ModelCard {
        let name =
            self.folder.file_name().map_or_else(|| "replay".to_owned(), |name| name.to_string_lossy().into_owned());
        ModelCard {
            provider: "replay".into(),
            name: format!("replay:{name}"),
            server: None,
            chosen: self.chosen.clone(),
            continues: false,
        }
    }

    fn complete<'a>(
        &'a self,
        request: &'a ModelRequest,
        on_piece: &'a mut (dyn FnMut(Piece<'_>) + Send),
    ) -> BoxFuture<'a, Result<Completion, ModelError>> {
        async move {
            let file = file_of(&self.folder, &request.purpose);
            let text = tokio::fs::read_to_string(&file).await.map_err(|error| ModelError {
                kind: "no_recording".into(),
                message: format!("there is no recorded answer {}: {error}", file.display()),
                hint: Some("record one with `codegen generate --record FOLDER`".into()),
            })?;
            for line in text.split_inclusive('\n') {
                on_piece(Piece::Text(line));
            }
            Ok(Completion::whole(text))
        }
        .boxed()
    }

    fn honours_schema(&self) -> BoxFuture<'_, Result<bool, ModelError>> {
        async { Ok(false) }.boxed()
    }
}

/// Records what another model answers.
pub struct Recording {
    inner: Box<dyn Model>,
    folder: PathBuf,
}

impl Recording {
    /// Writes the answers of `inner` into a folder.
    pub fn new(inner: Box<dyn Model>, folder: PathBuf) -> Self {
        Self { inner, folder }
    }

    async fn write(&self, request: &ModelRequest, completion: &Completion) -> Result<(), ModelError> {
        let file = file_of(&self.folder, &request.purpose);
        let written = async {
            tokio::fs::create_dir_all(&self.folder).await?;
            tokio::fs::write(&file, &completion.text).await
        };
        written.await.map_err(|error| ModelError {
            kind: "recording".into(),
            message: format!("the answer could not be recorded in {}: {error}", file.display()),
            hint: None,
        })
    }
}

impl Model for Recording {
    fn card(&self) -> ModelCard {
        self.inner.card()
    }

    fn complete<'a>(
        &'a self,
        request: &'a ModelRequest,
        on_piece: &'a mut (dyn FnMut(Piece<'_>) + Send),
    ) -> BoxFuture<'a, Result<Completion, ModelError>> {
        async move {
            let completion = self.inner.complete(request, on_piece).await?;
            self.write(request, &completion).await?;
            Ok(completion)
        }
        .boxed()
    }

    fn keep<'a>(&'a self, request: &'a ModelRequest, ended: &'a Completion) -> BoxFuture<'a, Result<(), ModelError>> {
        async move {
            self.write(request, ended).await?;
            self.inner.keep(request, ended).await
        }
        .boxed()
    }

    fn honours_schema(&self) -> BoxFuture<'_, Result<bool, ModelError>> {
        self.inner.honours_schema()
    }
}

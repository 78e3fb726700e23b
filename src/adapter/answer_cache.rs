//! The cache of answers: a folder of files named by the digest of the whole request, so that an answer that was paid for is
//! not paid for again after a crash, a dry run or an unchanged input. Only whole answers are kept, and those that went round in circles
//! until they were ended.

use std::path::PathBuf;

use futures::FutureExt;
use futures::future::BoxFuture;
use serde_json::json;

use crate::port::{Completion, Finish, Model, ModelCard, ModelError, ModelRequest, Piece};

/// A model whose answers are kept.
pub struct CachedModel {
    inner: Box<dyn Model>,
    folder: PathBuf,
}

impl CachedModel {
    /// Keeps the answers of `inner` in a folder.
    pub fn new(inner: Box<dyn Model>, folder: PathBuf) -> Self {
        Self { inner, folder }
    }

    fn file(&self, request: &ModelRequest) -> PathBuf {
        let card = self.inner.card();
        let whole = json!({
            "provider": card.provider,
            "server": card.server,
            "model": if request.model.is_empty() { &card.name } else { &request.model },
            "messages": request.messages,
            "temperature": request.temperature,
            "seed": request.seed,
            "max_output_tokens": request.max_output_tokens,
            "schema": request.schema,
            // The same question asked again after it failed wants another answer.
            "attempt": request.purpose.attempt,
            "mend": request.purpose.mend,
        });
        let digest = blake3::hash(whole.to_string().as_bytes()).to_hex().to_string();
        let (first, rest) = digest.split_at(2);
        self.folder.join(first).join(format!("{rest}.json"))
    }

    async fn answer(
        &self,
        request: &ModelRequest,
        on_piece: &mut (dyn FnMut(Piece<'_>) + Send),
    ) -> Result<Completion, ModelError> {
        let file = self.file(request);
        let kept =
            tokio::fs::read(&file).await.ok().and_then(|bytes| serde_json::from_slice::<Completion>(&bytes).ok());
        if let Some(completion) = kept {
            on_piece(Piece::Text(&completion.text));
            return Ok(Completion { cached: true, ..completion });
        }
        let completion = self.inner.complete(request, on_piece).await?;
        if completion.finish == Finish::Stop && !completion.text.trim().is_empty() {
            keep_or_warn(&file, &completion).await;
        }
        Ok(completion)
    }
}

async fn keep_or_warn(file: &std::path::Path, completion: &Completion) {
    if let Err(error) = keep(file, completion).await {
        tracing::warn!(file = %file.display(), %error, "an answer could not be kept");
    }
}

/// Writes beside and renames, so that no reader sees half a file.
async fn keep(file: &std::path::Path, completion: &Completion) -> std::io::Result<()> {
    let (file, bytes) = (file.to_owned(), serde_json::to_vec(completion).map_err(std::io::Error::other)?);
    let written = tokio::task::spawn_blocking(move || {
        let folder = file.parent().unwrap_or(std::path::Path::new("."));
        std::fs::create_dir_all(folder)?;
        let mut beside = tempfile::NamedTempFile::new_in(folder)?;
        std::io::Write::write_all(&mut beside, &bytes)?;
        beside.persist(&file).map(drop).map_err(|error| error.error)
    });
    written.await.map_err(std::io::Error::other)?
}

impl Model for CachedModel {
    fn card(&self) -> ModelCard {
        self.inner.card()
    }

    fn complete<'a>(
        &'a self,
        request: &'a ModelRequest,
        on_piece: &'a mut (dyn FnMut(Piece<'_>) + Send),
    ) -> BoxFuture<'a, Result<Completion, ModelError>> {
        self.answer(request, on_piece).boxed()
    }

    fn keep<'a>(&'a self, request: &'a ModelRequest, ended: &'a Completion) -> BoxFuture<'a, Result<(), ModelError>> {
        async move {
            keep_or_warn(&self.file(request), ended).await;
            self.inner.keep(request, ended).await
        }
        .boxed()
    }

    fn honours_schema(&self) -> BoxFuture<'_, Result<bool, ModelError>> {
        async {
            let card = self.inner.card();
            let digest = blake3::hash(format!("{:?} {}", card.server, card.name).as_bytes()).to_hex().to_string();
            let file = self.folder.join(format!("schema-{}", digest.get(..16).unwrap_or(&digest)));
            if let Ok(known) = tokio::fs::read_to_string(&file).await {
                return Ok(known == "yes");
            }
            let honoured = self.inner.honours_schema().await?;
            let kept = async {
                tokio::fs::create_dir_all(&self.folder).await?;
                tokio::fs::write(&file, if honoured { "yes" } else { "no" }).await
            };
            if let Err(error) = kept.await {
                tracing::warn!(file = %file.display(), %error, "the probe could not be kept");
            }
            Ok(honoured)
        }
        .boxed()
    }
}

//! No model: what a run has that will not ask for anything, so that an up-to-date repository needs neither key nor server.

use futures::FutureExt;
use futures::future::BoxFuture;

use crate::port::{Completion, Model, ModelCard, ModelError, ModelRequest, Piece};

/// Answers nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoModel;

fn refusal() -> ModelError {
    ModelError { kind: "no_model".into(), message: "no model was chosen for this run".into(), hint: None }
}

impl Model for NoModel {
    fn card(&self) -> ModelCard {
        ModelCard {
            provider: "none".into(),
            name: "none".into(),
            server: None,
            chosen: "nothing is to be done".into(),
            continues: false,
        }
    }

    fn complete<'a>(
        &'a self,
        _request: &'a ModelRequest,
        _on_piece: &'a mut (dyn FnMut(Piece<'_>) + Send),
    ) -> BoxFuture<'a, Result<Completion, ModelError>> {
        async { Err(refusal()) }.boxed()
    }

    fn honours_schema(&self) -> BoxFuture<'_, Result<bool, ModelError>> {
        async { Err(refusal()) }.boxed()
    }
}

//! Turns: a model that runs on the same processors as the gates waits for them, and they for it.
//!
//! A model inside the program uses every core and meets with its threads hundreds of times a token; a compiler beside it makes
//! both many times slower. So either one answer is written, or any number of commands run. Whoever comes first goes first.

use std::sync::Arc;

use futures::FutureExt;
use futures::future::BoxFuture;
use tokio::sync::RwLock;

use crate::port::{Completion, Finished, Job, Model, ModelCard, ModelError, ModelRequest, Piece, RunError, Runner};

/// A model that takes turns with commands.
pub struct TurnModel {
    inner: Box<dyn Model>,
    turn: Arc<RwLock<()>>,
}

/// Commands that take turns with a model.
pub struct TurnRunner<R> {
    inner: R,
    turn: Arc<RwLock<()>>,
}

/// A model and commands as they go together: a model inside this program takes turns with commands, others need not.
pub fn share_processors<R: Runner + 'static>(model: Box<dyn Model>, runner: R) -> (Box<dyn Model>, Arc<dyn Runner>) {
    if model.card().provider == "local" {
        let (model, runner) = take_turns(model, runner);
        (Box::new(model), Arc::new(runner))
    } else {
        (model, Arc::new(runner))
    }
}

/// Makes a model and commands take turns.
fn take_turns<R: Runner>(model: Box<dyn Model>, runner: R) -> (TurnModel, TurnRunner<R>) {
    // Fair by its own promise: requests are served in the order in which they came.
    let turn = Arc::new(RwLock::new(()));
    (TurnModel { inner: model, turn: Arc::clone(&turn) }, TurnRunner { inner: runner, turn })
}

impl Model for TurnModel {
    fn card(&self) -> ModelCard {
        self.inner.card()
    }

    fn complete<'a>(
        &'a self,
        request: &'a ModelRequest,
        on_piece: &'a mut (dyn FnMut(Piece<'_>) + Send),
    ) -> BoxFuture<'a, Result<Completion, ModelError>> {
        async move {
            let _turn = self.turn.write().await;
            self.inner.complete(request, on_piece).await
        }
        .boxed()
    }

    fn keep<'a>(&'a self, request: &'a ModelRequest, ended: &'a Completion) -> BoxFuture<'a, Result<(), ModelError>> {
        self.inner.keep(request, ended)
    }

    fn honours_schema(&self) -> BoxFuture<'_, Result<bool, ModelError>> {
        self.inner.honours_schema()
    }
}

impl<R: Runner> Runner for TurnRunner<R> {
    fn run<'a>(&'a self, job: &'a Job) -> BoxFuture<'a, Result<Finished, RunError>> {
        async move {
            let _turn = self.turn.read().await;
            self.inner.run(job).await
        }
        .boxed()
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::time::Duration;

    use super::*;
    use crate::language::CommandLine;
    use crate::port::{Exit, Purpose, Role};
    use crate::spec::SpecId;

    /// Counts who is at work, and how often both were.
    #[derive(Default)]
    struct Watch {
        models: AtomicU32,
        commands: AtomicU32,
        most_commands: AtomicU32,
        together: AtomicU32,
    }

    impl Watch {
        fn look(&self) {
            if self.models.load(Ordering::SeqCst) > 0 && self.commands.load(Ordering::SeqCst) > 0 {
                self.together.fetch_add(1, Ordering::SeqCst);
            }
            self.most_commands.fetch_max(self.commands.load(Ordering::SeqCst), Ordering::SeqCst);
        }
    }

    struct Watched(Arc<Watch>);

    impl Model for Watched {
        fn card(&self) -> ModelCard {
            ModelCard {
                provider: "local".into(),
                name: String::new(),
                server: None,
                chosen: String::new(),
                continues: true,
            }
        }

        fn complete<'a>(
            &'a self,
            _request: &'a ModelRequest,
            _on_piece: &'a mut (dyn FnMut(Piece<'_>) + Send),
        ) -> BoxFuture<'a, Result<Completion, ModelError>> {
            async {
                self.0.models.fetch_add(1, Ordering::SeqCst);
                for _ in 0..20 {
                    self.0.look();
                    tokio::task::yield_now().await;
                }
                self.0.models.fetch_sub(1, Ordering::SeqCst);
                Ok(Completion::whole(String::new()))
            }
            .boxed()
        }

        fn honours_schema(&self) -> BoxFuture<'_, Result<bool, ModelError>> {
            async { Ok(false) }.boxed()
        }
    }

    impl Runner for Watched {
        fn run<'a>(&'a self, _job: &'a Job) -> BoxFuture<'a, Result<Finished, RunError>> {
            async {
                self.0.commands.fetch_add(1, Ordering::SeqCst);
                for _ in 0..20 {
                    self.0.look();
                    tokio::task::yield_now().await;
                }
                self.0.commands.fetch_sub(1, Ordering::SeqCst);
                Ok(Finished {
                    exit: Exit::Code(0),
                    output: String::new(),
                    stdout: String::new(),
                    duration: Duration::ZERO,
                })
            }
            .boxed()
        }
    }

    #[tokio::test]
    async fn an_answer_and_a_command_never_run_together_but_commands_do() {
        let watch = Arc::new(Watch::default());
        let (model, runner) = take_turns(Box::new(Watched(Arc::clone(&watch))), Watched(Arc::clone(&watch)));
        let request = ModelRequest {
            purpose: Purpose { spec: SpecId::from_argument("a"), role: Role::Code, attempt: 1, mend: 0 },
            model: String::new(),
            messages: Vec::new(),
            temperature: None,
            seed: None,
            max_output_tokens: 1,
            schema: None,
        };
        let job = Job {
            line: CommandLine::parse("true").unwrap(),
            folder: PathBuf::new(),
            timeout: Duration::ZERO,
            variables: Vec::new(),
        };
        let commands = futures::future::join_all((0..3).map(|_| runner.run(&job)));
        let answers = futures::future::join_all((0..3).map(|_| async {
            let mut ignored = |_: Piece<'_>| {};
            model.complete(&request, &mut ignored).await
        }));
        let (commands, answers) = futures::future::join(commands, answers).await;
        assert!(commands.iter().all(Result::is_ok) && answers.iter().all(Result::is_ok));
        assert_eq!(watch.together.load(Ordering::SeqCst), 0);
        assert!(watch.most_commands.load(Ordering::SeqCst) > 1);
    }
}

//! The model inside the program: weights in a GGUF file, run by this process on its processors.
//!
//! ```text
//! LocalModel ─▶ worker (its own thread) ─▶ engine ─▶ network ─▶ linear, attention
//!                                            │          └─ kv: what was read
//!                                            ├─ vocabulary, template, sampler, lookup
//!                                            └─ prefix: states on disk
//! ```
//!
//! candle brings the file format, the tokenizer's tables and the kernels for long inputs. The network, its memory, and the
//! kernels that write an answer are here, since writing is what people wait for.

mod attention;
mod dot;
mod engine;
mod gguf;
mod kv;
mod linear;
mod lookup;
mod model;
mod network;
mod pace;
mod parallel;
mod prefix;
mod sampler;
mod shape;
mod speed;
mod template;
mod vector;
mod vocabulary;
mod worker;

pub use gguf::WeightsError;
pub use model::{LocalModel, Settings};
pub use sampler::Sampling;
pub use speed::Speed;

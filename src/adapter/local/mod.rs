//! The model inside the program: weights in a GGUF file, run by this process on its processors.
//!
//! ```text
//! LocalModel ─▶ worker (its own thread) ─▶ engine ─▶ network ─▶ linear ─▶ kernel
//!                                            │          ├─ attention
//!                                            │          └─ kv: what was read
//!                                            ├─ vocabulary, template, sampler, constraint, lookup
//!                                            └─ prefix: states on disk
//! ```
//!
//! candle brings the file format, the tokenizer's tables, and kernels for what the ones here are not made for. The network,
//! its memory, and the kernels for the usual formats are here: reading and writing is what people wait for.

mod activation;
mod attention;
mod attention_many;
mod circle;
mod constraint;
#[cfg(target_arch = "x86_64")]
mod dot;
mod engine;
mod gguf;
mod kernel;
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
#[cfg(target_arch = "x86_64")]
mod tile;
mod vector;
mod vocabulary;
mod worker;

pub use gguf::WeightsError;
pub use model::{LocalModel, Settings};
pub use sampler::Sampling;
pub use speed::Speed;

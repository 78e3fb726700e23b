//! YAML as the user wrote it: a tree in which every value knows its bytes.
//!
//! Two steps: [`parse()`] turns text into a [`Node`] under strict limits (size, nodes after alias expansion, depth), and a
//! [`Decoder`] turns nodes into values, collecting every problem instead of stopping at the first.

mod decode;
mod node;
mod parse;

pub use decode::{Decoder, Fields};
pub use node::{Node, Value};
pub use parse::{MAX_BYTES, parse};

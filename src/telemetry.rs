//! The names of spans and attributes, in one place.
//!
//! Model calls follow OpenTelemetry's semantic conventions for generative AI
//! (<https://opentelemetry.io/docs/specs/semconv/gen-ai/>). Prompts and answers are never recorded.

/// The span of one spec: attributes `language`, `pattern`, `code_length` in bytes.
pub const GENERATE: &str = "code_generation.generate";
/// The target of every span that goes into a trace file.
pub const TARGET: &str = "codegen::trace";

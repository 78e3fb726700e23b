//! Spans as JSON lines: one object a span when it closes, children before parents, as OpenTelemetry names things.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Map, Value, json};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

/// Writes the spans of [`crate::telemetry::TARGET`] into a file.
pub struct TraceFile {
    file: Mutex<File>,
}

impl TraceFile {
    /// Opens the file for appending.
    pub fn open(path: &Path) -> std::io::Result<Self> {
        let file = File::options().create(true).append(true).open(path)?;
        Ok(Self { file: Mutex::new(file) })
    }
}

/// What is known of an open span.
struct Open {
    trace: String,
    id: String,
    parent: Option<String>,
    started: u128,
    attributes: Fields,
}

#[derive(Default)]
struct Fields(Map<String, Value>);

impl Fields {
    fn put(&mut self, field: &Field, value: Value) {
        self.0.insert(field.name().to_owned(), value);
    }
}

impl Visit for Fields {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field, json!(value));
    }
    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, json!(value));
    }
    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, json!(value));
    }
    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, json!(value));
    }
    fn record_str(&mut self, field: &Field, value: &str) {
        // The one attribute that is a list.
        if field.name() == "gen_ai.response.finish_reasons" {
            self.put(field, json!([value]));
        } else {
            self.put(field, json!(value));
        }
    }
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        self.put(field, json!(format!("{value:?}")));
    }
}

fn now() -> u128 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos())
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for TraceFile {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        let above = span.parent().and_then(|parent| {
            let extensions = parent.extensions();
            let open = extensions.get::<Open>()?;
            Some((open.trace.clone(), open.id.clone()))
        });
        let (trace, parent) = match above {
            Some((trace, parent)) => (trace, Some(parent)),
            None => (format!("{:032x}", fastrand::u128(1..)), None),
        };
        let open =
            Open { trace, id: format!("{:016x}", fastrand::u64(1..)), parent, started: now(), attributes: fields };
        span.extensions_mut().insert(open);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(open) = span.extensions_mut().get_mut::<Open>()
        {
            values.record(&mut open.attributes);
        }
    }

    fn on_event(&self, _event: &Event<'_>, _context: Context<'_, S>) {}

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let Some(span) = context.span(&id) else { return };
        let Some(open) = span.extensions_mut().remove::<Open>() else { return };
        let mut attributes = open.attributes.0;
        let mut special = |name: &str| attributes.remove(name).and_then(|value| value.as_str().map(str::to_owned));
        let name = special("otel.name").unwrap_or_else(|| span.name().to_owned());
        let kind = special("otel.kind").unwrap_or_else(|| "internal".to_owned());
        let status = special("otel.status_code").unwrap_or_else(|| "unset".to_owned());
        let message = special("otel.status_description");
        let ended = now();
        #[expect(clippy::cast_precision_loss, reason = "a duration in seconds needs no more than 52 bits")]
        let seconds = ended.saturating_sub(open.started) as f64 / 1e9;
        let line = json!({
            "name": name,
            "kind": kind,
            "trace_id": open.trace,
            "span_id": open.id,
            "parent_span_id": open.parent,
            "start_time_unix_nano": open.started.to_string(),
            "end_time_unix_nano": ended.to_string(),
            "duration_seconds": seconds,
            "status": { "code": status, "message": message },
            "attributes": attributes,
        });
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        // A full disk must not end the run.
        let _ = writeln!(file, "{line}");
    }
}

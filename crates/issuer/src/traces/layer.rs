//! Follows the spans of sampled requests from their beginning to their end.

use std::fmt::Debug;

use tracing::Subscriber;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

use super::ids::{SpanId, TraceId};
use super::queue::{Attribute, EndedSpan, SpanSender, Value};

/// Sends spans to the queue when they end. It sees only spans with the target of traces.
pub(crate) struct SpanLayer(SpanSender);

impl SpanLayer {
    /// Sends spans to `queue`.
    pub(crate) fn new(queue: SpanSender) -> Self {
        Self(queue)
    }
}

/// A span that has begun.
struct Begun {
    trace: TraceId,
    id: SpanId,
    parent: Option<SpanId>,
    is_request: bool,
    began: u64,
    attributes: Attributed,
}

impl<S> Layer<S> for SpanLayer
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    /// A span without ids begins below the span of a sampled request, or is not followed.
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else {
            return;
        };
        let mut recorded = Attributed::default();
        attributes.record(&mut recorded);
        let begun = match recorded.take_ids() {
            Some((trace, id, parent)) => Some((trace, id, parent, true)),
            None => span.parent().and_then(|parent| {
                let extensions = parent.extensions();
                let above = extensions.get::<Begun>()?;
                Some((above.trace, SpanId::random(), Some(above.id), false))
            }),
        };
        if let Some((trace, id, parent, is_request)) = begun {
            span.extensions_mut().insert(Begun {
                trace,
                id,
                parent,
                is_request,
                began: self.0.now(),
                attributes: recorded,
            });
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(begun) = span.extensions_mut().get_mut::<Begun>()
        {
            values.record(&mut begun.attributes);
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let Some(span) = context.span(&id) else {
            return;
        };
        let Some(begun) = span.extensions_mut().remove::<Begun>() else {
            return;
        };
        self.0.send(EndedSpan {
            trace: begun.trace,
            id: begun.id,
            parent: begun.parent,
            name: span.name(),
            is_request: begun.is_request,
            began: begun.began,
            ended: self.0.now(),
            attributes: begun.attributes.0,
        });
    }
}

/// The attributes of a span, in the order in which they were recorded.
#[derive(Default)]
struct Attributed(Vec<Attribute>);

impl Attributed {
    /// Takes the ids that the span of a request is made with.
    fn take_ids(&mut self) -> Option<(TraceId, SpanId, Option<SpanId>)> {
        let trace = TraceId::parse(&self.take("trace.id")?)?;
        let id = SpanId::parse(&self.take("trace.span")?)?;
        let parent = self.take("trace.parent");
        Some((trace, id, parent.and_then(|parent| SpanId::parse(&parent))))
    }

    fn take(&mut self, name: &str) -> Option<String> {
        let place = self.0.iter().position(|(known, _)| *known == name)?;
        match self.0.remove(place) {
            (_, Value::Text(text)) => Some(text),
            (_, Value::Number(_)) => None,
        }
    }
}

impl Visit for Attributed {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.push((field.name(), Value::Text(value.to_owned())));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.0.push((field.name(), Value::Number(value)));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.record_i64(field, i64::try_from(value).unwrap_or(i64::MAX));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0
            .push((field.name(), Value::Text(format!("{value:?}"))));
    }
}

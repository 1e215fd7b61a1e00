//! Routes that cannot be without a description.

use std::fmt;

use axum::Router;
use axum::routing::MethodRouter;
use utoipa::openapi::path::{Operation, PathItem, Paths};
use utoipa::openapi::{OpenApi, RefOr, ResponseBuilder, Schema};
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};

use super::faults::{ErrorStyle, complete};
use crate::app::App;

/// Routes together with what the document says of them. A route comes in by `routes!` only, which
/// takes handlers that are described.
pub(crate) struct Routes {
    style: ErrorStyle,
    described: OpenApiRouter<App>,
}

impl Routes {
    /// No routes yet; those to come write their errors in this style.
    pub(crate) fn answering(style: ErrorStyle) -> Self {
        Self {
            style,
            described: OpenApiRouter::default(),
        }
    }

    /// Adds the handlers of one path, and to their descriptions what every route can answer.
    pub(crate) fn routes(self, (schemas, mut paths, methods): UtoipaMethodRouter<App>) -> Self {
        for operation in operations(&mut paths) {
            drop_null(operation);
            complete(operation, self.style);
        }
        Self {
            described: self.described.routes((schemas, paths, methods)),
            ..self
        }
    }

    /// Adds a handler that answers every method, at its path and in the same way at `further` ones.
    pub(crate) fn any_method(
        self,
        (schemas, paths, _): UtoipaMethodRouter<App>,
        methods: &MethodRouter<App>,
        further: &[&str],
    ) -> Self {
        let described = self.routes((schemas, paths, methods.clone()));
        described.wrapped(|router| {
            let add = |router: Router<App>, path: &&str| router.route(path, methods.clone());
            further.iter().fold(router, add)
        })
    }

    /// Puts layers and fallbacks around all routes so far.
    pub(crate) fn wrapped(self, wrap: impl FnOnce(Router<App>) -> Router<App>) -> Self {
        let (router, document) = self.described.split_for_parts();
        let mut described = OpenApiRouter::from(wrap(router));
        *described.get_openapi_mut() = document;
        Self { described, ..self }
    }

    /// Adds routes that may write their errors otherwise.
    pub(crate) fn merge(self, other: Self) -> Self {
        Self {
            described: self.described.merge(other.described),
            ..self
        }
    }

    /// What is served, and what is said of it.
    pub(crate) fn split(self) -> (Router<App>, OpenApi) {
        self.described.split_for_parts()
    }
}

impl fmt::Debug for Routes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let paths = self.described.get_openapi().paths.paths.keys();
        f.debug_set().entries(paths).finish()
    }
}

/// Says of handlers that whatever is around them may answer with this code.
pub(crate) fn can_answer(paths: &mut Paths, status: u16, code: &'static str) {
    for operation in operations(paths) {
        let response = ResponseBuilder::new().description(code).build();
        let responses = &mut operation.responses.responses;
        responses.insert(status.to_string(), response.into());
    }
}

/// A body that may be left out is not therefore `null`.
fn drop_null(operation: &mut Operation) {
    let Some(RefOr::T(body)) = &mut operation.request_body else {
        return;
    };
    for content in body.content.values_mut() {
        let RefOr::T(content) = content else { continue };
        if let Some(RefOr::T(Schema::OneOf(either))) = &content.schema {
            let mut items = either.items.iter();
            content.schema = items.find(|item| matches!(item, RefOr::Ref(_))).cloned();
        }
    }
}

fn operations(paths: &mut Paths) -> impl Iterator<Item = &mut Operation> {
    paths.paths.values_mut().flat_map(operations_of)
}

fn operations_of(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [
        &mut item.get,
        &mut item.put,
        &mut item.post,
        &mut item.delete,
        &mut item.options,
        &mut item.head,
        &mut item.patch,
        &mut item.trace,
    ]
    .into_iter()
    .flatten()
}

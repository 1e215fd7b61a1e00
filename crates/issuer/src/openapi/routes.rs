//! Routes that always have a description.

use std::fmt;

use axum::Router;
use axum::routing::MethodRouter;
use utoipa::openapi::path::{Operation, PathItem, Paths};
use utoipa::openapi::security::SecurityRequirement;
use utoipa::openapi::{OpenApi, RefOr, ResponseBuilder, Schema};
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};

use super::faults::{ErrorStyle, complete};
use crate::app::App;
use crate::middleware::endpoints::Guards;
use crate::middleware::guard::Guard;

/// Routes and their descriptions. Only `routes!` adds routes, and it accepts only described handlers.
pub(crate) struct Routes {
    style: ErrorStyle,
    described: OpenApiRouter<App>,
    /// Every path.
    guards: Guards,
}

impl Routes {
    /// An empty list of routes that write errors in this style.
    pub(crate) fn answering(style: ErrorStyle) -> Self {
        Self {
            style,
            described: OpenApiRouter::default(),
            guards: Guards::new(),
        }
    }

    /// Adds the handlers of one path, and the errors of every route to their descriptions.
    pub(crate) fn routes(mut self, (schemas, mut paths, methods): UtoipaMethodRouter<App>) -> Self {
        for operation in operations(&mut paths) {
            drop_null(operation);
            complete(operation, self.style);
        }
        let unguarded = paths.paths.keys().map(|path| (path.clone(), None));
        self.guards.extend(unguarded);
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
        let mut described = self.routes((schemas, paths, methods.clone()));
        let unguarded = further.iter().map(|path| ((*path).to_owned(), None));
        described.guards.extend(unguarded);
        described.wrapped(|router| {
            let add = |router: Router<App>, path: &&str| router.route(path, methods.clone());
            further.iter().fold(router, add)
        })
    }

    /// Adds handlers at one more path. They are described at another one.
    pub(crate) fn also_at(mut self, path: &str, methods: MethodRouter<App>) -> Self {
        self.guards.insert(path.to_owned(), None);
        self.wrapped(|router| router.route(path, methods))
    }

    /// Puts the guard around all routes so far that have none.
    pub(crate) fn guarded(mut self, guard: Guard) -> Self {
        for of_path in self.guards.values_mut() {
            of_path.get_or_insert(guard);
        }
        self
    }

    /// Adds layers and fallbacks around all routes so far.
    pub(crate) fn wrapped(self, wrap: impl FnOnce(Router<App>) -> Router<App>) -> Self {
        let (router, document) = self.described.split_for_parts();
        let mut described = OpenApiRouter::from(wrap(router));
        *described.get_openapi_mut() = document;
        Self { described, ..self }
    }

    /// Adds routes that may write errors in another style.
    pub(crate) fn merge(mut self, other: Self) -> Self {
        self.guards.extend(other.guards);
        Self {
            described: self.described.merge(other.described),
            ..self
        }
    }

    /// The router, and the guards of its paths.
    pub(crate) fn router(self) -> (Router<App>, Guards) {
        (self.described.into(), self.guards)
    }

    /// The description of all routes.
    pub(crate) fn document(self) -> OpenApi {
        self.described.into_openapi()
    }
}

impl fmt::Debug for Routes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let paths = self.described.get_openapi().paths.paths.keys();
        f.debug_set().entries(paths).finish()
    }
}

/// Adds an error that a layer around the handlers may return to their descriptions.
pub(crate) fn can_answer(paths: &mut Paths, status: u16, code: &'static str) {
    for operation in operations(paths) {
        let response = ResponseBuilder::new().description(code).build();
        let responses = &mut operation.responses.responses;
        responses.insert(status.to_string(), response.into());
    }
}

/// Says that every operation needs an access token with one of these scopes.
pub(crate) fn demand_one_scope(paths: &mut Paths, scopes: impl Iterator<Item = &'static str>) {
    let with = |scope| SecurityRequirement::new("bearer", [scope]);
    let ways: Vec<_> = scopes.map(with).collect();
    for operation in operations(paths) {
        operation.security = Some(ways.clone());
    }
}

/// Removes `null` from the type of an optional body: it may be left out, not `null`.
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

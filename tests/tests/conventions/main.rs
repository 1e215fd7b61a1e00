//! What holds on every route: problem documents, limits, who may ask from where, and that no input
//! whatever gives anything but a clear refusal.

mod bodies;
mod body_routes;
mod browsers;
mod credentials;
mod headers;
mod hostile;
mod routes;
mod shield;

//! A gRPC service that requires a token: tonic's standard health service.
//!
//! ```text
//! cargo run -p signet-verifier --features tower,remote --example grpc
//! grpcurl -plaintext -H "Authorization: Bearer $TOKEN" 127.0.0.1:8083 grpc.health.v1.Health/Check
//! ```
//!
//! Without a token, the status is `UNAUTHENTICATED`; without the scope, `PERMISSION_DENIED`; while
//! keys are unavailable, `UNAVAILABLE`. Arguments, all optional: issuer, audience, address to
//! listen on.
#![expect(
    clippy::print_stdout,
    reason = "an example talks to the person who runs it"
)]

use hyper::server::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::service::TowerToHyperService;
use signet_verifier::{Claims, Policy, RemoteKeys, RequireToken, Verifier};
use tonic::codegen::BoxStream;
use tonic::{Request, Response, Status};
use tonic_health::ServingStatus;
use tonic_health::pb::health_server::{Health, HealthServer};
use tonic_health::pb::{HealthCheckRequest, HealthCheckResponse};
use tower::Layer;

struct HealthService;

#[tonic::async_trait]
impl Health for HealthService {
    type WatchStream = BoxStream<HealthCheckResponse>;

    /// Returns the status. The layer has checked the token and added its claims to the request.
    async fn check(
        &self,
        request: Request<HealthCheckRequest>,
    ) -> Result<Response<HealthCheckResponse>, Status> {
        let claims = request.extensions().get::<Claims>();
        let claims = claims.ok_or_else(|| Status::internal("the layer is missing"))?;
        println!("{} asked", claims.sub);
        let status = ServingStatus::Serving as i32;
        Ok(Response::new(HealthCheckResponse { status }))
    }

    async fn watch(
        &self,
        _: Request<HealthCheckRequest>,
    ) -> Result<Response<Self::WatchStream>, Status> {
        Err(Status::unimplemented("ask again"))
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut argument = |default: &str| arguments.next().unwrap_or_else(|| default.to_owned());
    let (issuer, audience) = (argument("http://127.0.0.1:8080"), argument("api"));
    let listener = tokio::net::TcpListener::bind(argument("127.0.0.1:8083")).await?;

    let keys = RemoteKeys::new(&format!("{issuer}/.well-known/jwks.json"))?;
    let verifier = Verifier::new(Policy::new(issuer, audience), keys);
    let layer = RequireToken::new(verifier).scope("account");
    let service = TowerToHyperService::new(layer.layer(HealthServer::new(HealthService)));

    println!("grpc ready on http://{}", listener.local_addr()?);
    loop {
        let (stream, _) = listener.accept().await?;
        let server = http2::Builder::new(TokioExecutor::new());
        tokio::spawn(server.serve_connection(TokioIo::new(stream), service.clone()));
    }
}

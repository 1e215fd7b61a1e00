//! The clients of a server, changed through its administration API.
//!
//! This module must not know stores.

use std::error::Error;

use axum::http::Method;
use serde_json::Value;
use signet_core::names::ClientId;

use crate::cli::server::{Server, encoded};

impl Server {
    /// Every client.
    pub(super) async fn list(&self) -> Result<Vec<Value>, Box<dyn Error>> {
        self.all("/admin/clients?limit=100", "clients").await
    }

    /// Registers a client.
    pub(super) async fn add(&self, body: &Value) -> Result<Value, Box<dyn Error>> {
        self.ask(Method::POST, "/admin/clients", Some(body)).await
    }

    /// Shows a client.
    pub(super) async fn show(&self, id: &ClientId) -> Result<Value, Box<dyn Error>> {
        self.ask(Method::GET, &path(id, ""), None).await
    }

    /// Changes a client.
    pub(super) async fn update(
        &self,
        id: &ClientId,
        body: &Value,
    ) -> Result<Value, Box<dyn Error>> {
        self.ask(Method::PATCH, &path(id, ""), Some(body)).await
    }

    /// Rotates the secret of a client.
    pub(super) async fn rotate(
        &self,
        id: &ClientId,
        body: &Value,
    ) -> Result<Value, Box<dyn Error>> {
        let path = path(id, "/rotate-secret");
        self.ask(Method::POST, &path, Some(body)).await
    }

    /// Disables or enables a client.
    pub(super) async fn switch(&self, id: &ClientId, to: &str) -> Result<Value, Box<dyn Error>> {
        self.ask(Method::POST, &path(id, to), None).await
    }

    /// Removes a client.
    pub(super) async fn delete(&self, id: &ClientId) -> Result<(), Box<dyn Error>> {
        let gone = self.ask(Method::DELETE, &path(id, ""), None).await?;
        drop(gone);
        Ok(())
    }
}

fn path(id: &ClientId, rest: &str) -> String {
    format!("/admin/clients/{}{rest}", encoded(id.as_str()))
}

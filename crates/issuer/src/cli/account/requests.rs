//! The accounts of a server, changed through its administration API.
//!
//! This module must not know stores.

use std::error::Error;

use axum::http::Method;
use serde_json::{Value, json};
use signet_core::authenticators::AuthenticatorKind;
use signet_core::ids::{AccountId, InvitationId};

use super::arguments::{Filter, Who};
use crate::cli::server::{Server, encoded, not_found_as};

impl Server {
    /// The accounts that match every filter.
    pub(super) async fn accounts(&self, filter: &Filter) -> Result<Vec<Value>, Box<dyn Error>> {
        let query = filter.query();
        let query = query
            .iter()
            .map(|(name, value)| format!("&{name}={}", encoded(value)));
        let path = format!("/admin/accounts?limit=100{}", query.collect::<String>());
        self.all(&path, "accounts").await
    }

    /// One account.
    pub(super) async fn account(&self, who: &Who) -> Result<Value, Box<dyn Error>> {
        self.on_account(who, Method::GET, "", None).await
    }

    /// Adds an account.
    pub(super) async fn add_account(&self, body: &Value) -> Result<Value, Box<dyn Error>> {
        self.ask(Method::POST, "/admin/accounts", Some(body)).await
    }

    /// Invites a person.
    pub(super) async fn invite(&self, body: &Value) -> Result<Value, Box<dyn Error>> {
        self.ask(Method::POST, "/admin/invitations", Some(body))
            .await
    }

    /// The invitations that can be accepted.
    pub(super) async fn invitations(&self) -> Result<Vec<Value>, Box<dyn Error>> {
        self.all("/admin/invitations?limit=100", "invitations")
            .await
    }

    /// Removes an invitation.
    pub(super) async fn uninvite(&self, id: InvitationId) -> Result<(), Box<dyn Error>> {
        let path = format!("/admin/invitations/{id}");
        let gone = self.ask(Method::DELETE, &path, None).await;
        let unknown =
            "there is no open invitation with this id; `signet account invitations` shows them";
        gone.map(drop).map_err(|error| not_found_as(unknown, error))
    }

    /// Changes an account.
    pub(super) async fn change_account(
        &self,
        who: &Who,
        change: &Value,
    ) -> Result<Value, Box<dyn Error>> {
        self.on_account(who, Method::PATCH, "", Some(change)).await
    }

    /// Makes a link to set a new password.
    pub(super) async fn reset_account(
        &self,
        who: &Who,
        deliver: &str,
    ) -> Result<Value, Box<dyn Error>> {
        let body = json!({ "deliver": deliver });
        self.on_account(who, Method::POST, "/password-reset", Some(&body))
            .await
    }

    /// Removes the authenticators of a kind.
    pub(super) async fn remove_authenticators(
        &self,
        who: &Who,
        kind: AuthenticatorKind,
    ) -> Result<(), Box<dyn Error>> {
        let rest = format!("/authenticators/{kind}");
        let Err(error) = self.on_account(who, Method::DELETE, &rest, None).await else {
            return Ok(());
        };
        // If there is no such account, that is what is said.
        drop(self.account(who).await?);
        Err(not_found_as(&format!("{who} has no {kind}"), error))
    }

    /// Disables or enables an account.
    pub(super) async fn switch_account(
        &self,
        who: &Who,
        to: &str,
    ) -> Result<Value, Box<dyn Error>> {
        self.on_account(who, Method::POST, to, None).await
    }

    /// Makes the budgets for wrong passwords of an account whole again.
    pub(super) async fn unlock_account(&self, who: &Who) -> Result<(), Box<dyn Error>> {
        let done = self
            .on_account(who, Method::DELETE, "/lockout", None)
            .await?;
        drop(done);
        Ok(())
    }

    /// Deletes an account.
    pub(super) async fn delete_account(&self, who: &Who) -> Result<(), Box<dyn Error>> {
        let gone = self.on_account(who, Method::DELETE, "", None).await?;
        drop(gone);
        Ok(())
    }

    /// The sessions of an account.
    pub(super) async fn sessions(&self, who: &Who) -> Result<Value, Box<dyn Error>> {
        let answer = self.on_account(who, Method::GET, "/sessions", None).await?;
        Ok(answer.get("sessions").cloned().unwrap_or_default())
    }

    /// Ends every session of an account.
    pub(super) async fn end_sessions(&self, who: &Who) -> Result<(), Box<dyn Error>> {
        let ended = self
            .on_account(who, Method::DELETE, "/sessions", None)
            .await?;
        drop(ended);
        Ok(())
    }

    async fn on_account(
        &self,
        who: &Who,
        method: Method,
        rest: &str,
        body: Option<&Value>,
    ) -> Result<Value, Box<dyn Error>> {
        let id = self.id_of(who).await?;
        let path = format!("/admin/accounts/{id}{rest}");
        self.ask(method, &path, body).await
    }

    async fn id_of(&self, who: &Who) -> Result<AccountId, Box<dyn Error>> {
        let email = match who {
            Who::Id(id) => return Ok(*id),
            Who::Email(email) => email,
        };
        let path = format!("/admin/accounts?email={}", encoded(email.as_str()));
        let page = self.ask(Method::GET, &path, None).await?;
        let account = page.pointer("/accounts/0");
        let account = account.ok_or_else(|| self.not_found())?;
        let id = account.get("id").and_then(Value::as_str);
        Ok(id
            .ok_or("the server shows an account without an id")?
            .parse()?)
    }
}

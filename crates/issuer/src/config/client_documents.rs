//! The settings of unregistered clients: which are admitted, and what they may request.

use std::io;
use std::path::Path;
use std::sync::Arc;

use ipnet::IpNet;
use signet_core::client::{RegistrationProblem, UnregisteredClients, UnregisteredProblem};
use url::Host;

use super::reader::{Reader, network, truth};
use crate::outgoing::Outgoing;

/// Which unregistered clients are admitted, and how their documents are fetched.
#[derive(Clone, Debug)]
pub struct ClientDocumentSettings {
    /// What these clients may request.
    pub rules: UnregisteredClients,
    /// Networks that outsiders may make this server call, at any port, besides port 443 of public
    /// addresses.
    pub allowed_networks: Vec<IpNet>,
    /// What reaches other servers, with the certificate authorities to trust.
    pub(crate) outgoing: Arc<Outgoing>,
}

/// Reads the settings. The inner `None` says that every client must be registered.
#[expect(
    clippy::option_option,
    reason = "the outer one is for `?`, the inner one is the setting"
)]
pub(super) fn read(reader: &mut Reader) -> Option<Option<ClientDocumentSettings>> {
    let enabled = reader.required("client_metadata_documents.enabled", truth);
    let scopes = reader.many(SCOPES, str::parse);
    let audiences = reader.many(AUDIENCES, str::parse);
    let hosts = reader.many("client_metadata_documents.hosts", host);
    let networks = reader.many("client_metadata_documents.allowed_networks", network);
    let outgoing = reader.optional("client_metadata_documents.ca_file", trusting);
    let (scopes, audiences, hosts) = (scopes?, audiences?, hosts?);
    let (allowed_networks, outgoing) = (networks?, outgoing?);
    if !enabled? {
        return Some(None);
    }
    match UnregisteredClients::new(scopes, audiences, hosts) {
        Ok(rules) => Some(Some(ClientDocumentSettings {
            rules,
            allowed_networks,
            outgoing: Arc::new(outgoing.unwrap_or_else(Outgoing::trusting_public)),
        })),
        Err(UnregisteredProblem::Registration(RegistrationProblem::NoAudience)) => {
            reader.refuse(AUDIENCES, NO_AUDIENCE)
        }
        Err(problem) => reader.refuse(SCOPES, &format!("cannot be used: {problem}")),
    }
}

fn trusting(file: &str) -> Result<Outgoing, String> {
    let unusable = |error: io::Error| format!("names a file that cannot be used: {error}");
    Outgoing::trusting(Path::new(file)).map_err(unusable)
}

/// A host as it is written in a client id.
fn host(text: &str) -> Result<String, &'static str> {
    let host = Host::parse(text).map_err(|_| INVALID_HOST)?;
    let is_canonical = host.to_string() == text;
    is_canonical.then(|| text.to_owned()).ok_or(INVALID_HOST)
}

const SCOPES: &str = "client_metadata_documents.scopes";
const AUDIENCES: &str = "client_metadata_documents.audiences";
const NO_AUDIENCE: &str = "must name the services that unregistered clients get tokens for, because \
                           client_metadata_documents.enabled is true";
const INVALID_HOST: &str = "must be host names in lower case, such as client.example.com";

#[cfg(test)]
mod tests {
    use super::super::{Loaded, SettingProblems, Sources, load};

    const ENABLED: (&str, &str) = ("SIGNET_CLIENT_METADATA_DOCUMENTS_ENABLED", "true");
    const AUDIENCES: (&str, &str) = ("SIGNET_CLIENT_METADATA_DOCUMENTS_AUDIENCES", "mcp");

    fn with(variables: &[(&str, &str)]) -> Result<Loaded, SettingProblems> {
        load(&Sources::of_variables(variables.iter().copied()))
    }

    #[test]
    fn clients_must_be_registered_unless_the_setting_says_otherwise() {
        let settings = |variables: &[_]| with(variables).unwrap().settings;
        assert!(settings(&[]).client_documents.is_none());
        assert!(settings(&[AUDIENCES]).client_documents.is_none());
        assert!(settings(&[ENABLED, AUDIENCES]).client_documents.is_some());
    }

    #[test]
    fn what_unregistered_clients_may_not_have_is_refused_at_the_start() {
        for (variables, expected) in [
            (
                vec![ENABLED],
                "client_metadata_documents.audiences must name",
            ),
            (
                vec![
                    ENABLED,
                    AUDIENCES,
                    ("SIGNET_CLIENT_METADATA_DOCUMENTS_SCOPES", "account"),
                ],
                "client_metadata_documents.scopes cannot be used: only a first-party client",
            ),
            (
                vec![
                    ENABLED,
                    AUDIENCES,
                    ("SIGNET_CLIENT_METADATA_DOCUMENTS_SCOPES", "signet:admin"),
                ],
                "client_metadata_documents.scopes cannot be used: unregistered clients may not",
            ),
            (
                vec![("SIGNET_CLIENT_METADATA_DOCUMENTS_CA_FILE", "/nowhere")],
                "client_metadata_documents.ca_file names a file that cannot be used",
            ),
            (
                vec![
                    ENABLED,
                    AUDIENCES,
                    ("SIGNET_CLIENT_METADATA_DOCUMENTS_HOSTS", "A.example"),
                ],
                "client_metadata_documents.hosts must be host names",
            ),
        ] {
            let SettingProblems(problems) = with(&variables).unwrap_err();
            let text = problems[0].to_string();
            assert!(text.starts_with(expected), "{text}");
        }
    }
}

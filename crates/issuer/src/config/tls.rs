//! The settings of TLS: where the files of each listener are.
//!
//! This module must not open the files: commands beside a server may not be allowed to.

use std::path::PathBuf;

use super::reader::Reader;
use super::urls::PublicUrl;
use crate::tls::TlsFiles;

/// Reads the files of the public listener. The inner `None` says that it speaks plain HTTP.
#[expect(
    clippy::option_option,
    reason = "the outer one is for `?`, the inner one is the setting"
)]
pub(super) fn read(
    reader: &mut Reader,
    public_url: Option<&PublicUrl>,
) -> Option<Option<TlsFiles>> {
    let files = pair(reader, "tls", None)?;
    if files.is_some() && public_url.is_some_and(|url| !url.is_https()) {
        return reader.refuse("public_url", "must be https, because tls.cert_file is set");
    }
    Some(files)
}

/// Reads the files of the operations listener. The inner `None` says that it speaks plain HTTP.
#[expect(
    clippy::option_option,
    reason = "the outer one is for `?`, the inner one is the setting"
)]
pub(super) fn read_operations(reader: &mut Reader) -> Option<Option<TlsFiles>> {
    let client_ca_file = reader.optional("ops_tls.client_ca_file", path)?;
    let has_authority = client_ca_file.is_some();
    let files = pair(reader, "ops_tls", client_ca_file)?;
    if has_authority && files.is_none() {
        return reader.refuse("ops_tls.client_ca_file", "needs ops_tls.cert_file");
    }
    Some(files)
}

#[expect(
    clippy::option_option,
    reason = "the outer one is for `?`, the inner one is the setting"
)]
fn pair(
    reader: &mut Reader,
    table: &'static str,
    client_ca_file: Option<PathBuf>,
) -> Option<Option<TlsFiles>> {
    let (cert_key, key_key) = (format!("{table}.cert_file"), format!("{table}.key_file"));
    let cert_file = reader.optional(&cert_key, path);
    let key_file = reader.optional(&key_key, path);
    match (cert_file?, key_file?) {
        (None, None) => Some(None),
        (Some(cert_file), Some(key_file)) => Some(Some(TlsFiles {
            table,
            cert_file,
            key_file,
            client_ca_file,
        })),
        (Some(_), None) => reader.refuse(&cert_key, &format!("needs {key_key}")),
        (None, Some(_)) => reader.refuse(&key_key, &format!("needs {cert_key}")),
    }
}

fn path(text: &str) -> Result<PathBuf, &'static str> {
    if text.is_empty() {
        return Err("is empty");
    }
    Ok(PathBuf::from(text))
}

#[cfg(test)]
mod tests {
    use crate::config::{Sources, load};

    #[test]
    fn a_server_with_own_https_needs_no_gateway() {
        let variables = [
            ("SIGNET_PUBLIC_URL", "https://auth.example.com"),
            ("SIGNET_TLS_CERT_FILE", "server.pem"),
            ("SIGNET_TLS_KEY_FILE", "key.pem"),
        ];
        let loaded = load(&Sources::of_variables(variables)).unwrap();
        assert!(loaded.settings.trusted_proxies.is_empty());
        assert!(load(&Sources::of_variables(variables.into_iter().take(1))).is_err());
    }
}

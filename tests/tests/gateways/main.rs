//! Every gateway for which a configuration is shipped, with that configuration, between clients
//! that want to get in, the real issuer, and a service that writes down what reaches it.
//!
//! Two tables say what is expected, `tokens.txt` and `outages.txt`: a row for each case, a column
//! for each configuration.

mod documents;
mod outages;
mod reloads;
mod rig;
mod rotation;
mod smuggling;
mod table;
mod tokens;
mod verifier;

/// The same promises for each configuration.
macro_rules! gateways {
    ($($module:ident: $name:literal,)+) => {
        $(mod $module {
            #[tokio::test]
            async fn lets_in_what_the_table_says() {
                crate::tokens::check($name).await;
            }

            #[tokio::test]
            async fn passes_no_forged_identity_on() {
                crate::smuggling::check($name).await;
            }

            #[tokio::test]
            async fn fails_closed() {
                crate::outages::check($name).await;
            }
        })+
    };
}

gateways! {
    nginx: "nginx",
    nginx_offline: "nginx-offline",
    caddy: "caddy",
    traefik: "traefik",
    envoy: "envoy",
    envoy_offline: "envoy-offline",
    haproxy: "haproxy",
    apache: "apache",
    apache_openidc: "apache-openidc",
}

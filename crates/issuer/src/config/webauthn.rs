//! The settings of passkeys: the RP id, and the origins whose pages use them.

use signet_core::webauthn::RelyingParty;
use url::{Host, Url};

use super::reader::Reader;
use super::urls::{PublicUrl, WebOrigin};

/// Reads the relying party. By default its RP id is the host of the public URL, and its origins
/// are the public URL and those allowed origins that browsers let use this RP id.
pub(super) fn read(
    reader: &mut Reader,
    public_url: Option<&PublicUrl>,
    allowed_origins: Option<&[WebOrigin]>,
) -> Option<RelyingParty> {
    let id = reader.optional("webauthn.rp_id", domain)?;
    let origins = reader.many("webauthn.origins", str::parse::<WebOrigin>)?;
    let public_url = public_url?;
    let id = id.unwrap_or_else(|| public_url.host());
    let covers = |origin: &str| RelyingParty::covers(&id, &host(origin));
    if let Some(foreign) = origins.iter().find(|origin| !covers(origin.as_str())) {
        let message = format!(
            "has {foreign}, whose pages cannot use passkeys of {id}: its host must be {id} or end \
             in .{id}; change webauthn.rp_id or the list"
        );
        return reader.refuse("webauthn.origins", &message);
    }
    let listed = origins.iter().map(WebOrigin::as_str);
    let own = allowed_origins?.iter().map(WebOrigin::as_str);
    let own = [public_url.as_str()].into_iter().chain(own);
    let own = own.filter(|origin| origins.is_empty() && covers(origin));
    let origins: Vec<_> = listed.chain(own).map(str::to_owned).collect();
    if origins.is_empty() {
        let message = format!(
            "is {id}, and neither public_url nor an origin of allowed_origins is below it: no page \
             can use passkeys; set it to a domain of your pages, or list them in webauthn.origins"
        );
        return reader.refuse("webauthn.rp_id", &message);
    }
    Some(RelyingParty::new(id, origins))
}

/// A domain as browsers write it: an address or an upper-case letter never matches.
fn domain(text: &str) -> Result<String, &'static str> {
    match Host::parse(text) {
        Ok(Host::Domain(name)) if name == text => Ok(name),
        _ => Err("must be a domain in lower case, such as example.com"),
    }
}

fn host(origin: &str) -> String {
    let url = Url::parse(origin).ok();
    let host = url.as_ref().and_then(Url::host_str);
    host.unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::super::{Loaded, SettingProblems, Sources, load};

    const PAGES: [(&str, &str); 3] = [
        ("SIGNET_PUBLIC_URL", "https://auth.example.com"),
        ("SIGNET_TRUSTED_PROXIES", "none"),
        (
            "SIGNET_ALLOWED_ORIGINS",
            "https://app.example.com,https://app.example.org",
        ),
    ];

    fn with(variables: &[(&str, &str)]) -> Result<Loaded, SettingProblems> {
        let all = PAGES.iter().chain(variables).copied();
        load(&Sources::of_variables(all))
    }

    fn accepts(loaded: &Loaded) -> Vec<&'static str> {
        let origins = [
            "https://auth.example.com",
            "https://app.example.com",
            "https://app.example.org",
        ];
        let party = &loaded.settings.relying_party;
        let accepted = origins.into_iter();
        accepted.filter(|origin| party.has_origin(origin)).collect()
    }

    #[test]
    fn passkeys_belong_to_the_host_of_the_public_url() {
        let loaded = with(&[]).unwrap();
        assert_eq!(loaded.settings.relying_party.id(), "auth.example.com");
        assert_eq!(accepts(&loaded), ["https://auth.example.com"]);
        let address = load(&Sources::default()).unwrap();
        assert_eq!(address.settings.relying_party.id(), "127.0.0.1");
        assert!(!address.settings.has_passkeys_on_pages());
        assert!(loaded.settings.has_passkeys_on_pages());
    }

    #[test]
    fn a_domain_above_covers_the_allowed_origins_below_it() {
        let loaded = with(&[("SIGNET_WEBAUTHN_RP_ID", "example.com")]).unwrap();
        let expected = ["https://auth.example.com", "https://app.example.com"];
        assert_eq!(accepts(&loaded), expected);
    }

    #[test]
    fn listed_origins_replace_the_others() {
        let variables = [
            ("SIGNET_WEBAUTHN_RP_ID", "example.com"),
            ("SIGNET_WEBAUTHN_ORIGINS", "https://app.example.com"),
        ];
        assert_eq!(
            accepts(&with(&variables).unwrap()),
            ["https://app.example.com"]
        );
    }

    #[test]
    fn what_no_browser_accepts_is_refused_at_the_start() {
        for (variable, value, expected) in [
            (
                "SIGNET_WEBAUTHN_RP_ID",
                "Example.com",
                "webauthn.rp_id must be a domain",
            ),
            (
                "SIGNET_WEBAUTHN_RP_ID",
                "192.0.2.1",
                "webauthn.rp_id must be a domain",
            ),
            (
                "SIGNET_WEBAUTHN_RP_ID",
                "example.net",
                "webauthn.rp_id is example.net, and neither",
            ),
            (
                "SIGNET_WEBAUTHN_ORIGINS",
                "https://badauth.example.com",
                "webauthn.origins has https://badauth.example.com, whose pages cannot use passkeys \
                 of auth.example.com",
            ),
        ] {
            let SettingProblems(problems) = with(&[(variable, value)]).unwrap_err();
            assert_eq!(problems.len(), 1);
            let text = problems[0].to_string();
            assert!(text.starts_with(expected), "{text}");
        }
    }
}

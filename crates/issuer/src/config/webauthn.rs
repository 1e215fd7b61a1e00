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
